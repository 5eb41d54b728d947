// server_faults: what a server may do wrong while it is measured, and what `load`, `study` and
// `attribute` owe then: the fault by its name, counted apart, and every good answer kept.
//
// Errors: kIo and kNotFound when the bad server cannot be started (TLS wants openssl). Threads:
// those of the server of a case, which lives as long as the case.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/validation/failures/fault_front.h"
#include "harness/validation/failures/made_to_happen.h"
#include "harness/validation/traps/tls_front.h"

namespace iiifbench {

struct ServerFault {
  Fault fault;
  const char *name, *kind;  // for people; as failures are counted (http/failure_kind.h)
};
std::span<const ServerFault> ServerFaults();

struct FaultTargets {
  int server_port = 0;  // of a right server
  std::string image;    // the file that it serves
  std::string folder;   // for certificates
};

struct FaultCase {
  FailureCase what;
  std::unique_ptr<TlsFront> tls;
  std::unique_ptr<FaultFront> front;
};
// `command`: "load", "study" or "attribute".
Result<FaultCase> CaseOf(const ServerFault& fault, const std::string& command,
                         const FaultTargets& targets);

std::vector<std::string> LoadWords(const std::vector<std::string>& target);
std::vector<std::string> StudyWords(const std::string& server, const std::string& recipe,
                                    int rounds);
std::vector<std::string> AttributeWords(const std::string& url, const std::string& source);

}  // namespace iiifbench
