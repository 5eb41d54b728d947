// slot: one request's place in a load run: a handle of libcurl, and what came of its transfer.
//
// Units: nanoseconds. Memory: the body, until the next request. Errors: of the transfer, by name.
#pragma once

#include <curl/curl.h>

#include "harness/load/generator/generate.h"

namespace iiifbench {

using Instant = std::chrono::steady_clock::time_point;

struct Slot {
  CURL* curl = nullptr;
  LoadRequest request;
  Instant due, ready, sent;  // ready: due, and a slot was free
  Instant first_byte;
  std::vector<uint8_t> body;
  std::string content_type;
  bool busy = false;
};

// Makes the handle; the slot's address must stay.
void Configure(Slot& slot, const GenerateOptions& options, curl_slist* headers);

struct Transfer {
  long status = 0;
  std::string http_version;                          // "1.1", "2"; empty when nothing came
  std::chrono::nanoseconds dns{}, connect{}, tls{};  // 0 on an open connection
  bool reused = false;
};
// Of a transfer that has ended; sets the slot's content_type.
Transfer TransferOf(Slot& slot);

}  // namespace iiifbench
