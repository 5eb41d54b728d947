#include "harness/validation/failures/server_faults.h"

#include <fmt/format.h>

#include <filesystem>

namespace iiifbench {

namespace {

using Words = std::vector<std::string>;

constexpr ServerFault kServerFaults[] = {
    {Fault::kRefused, "nobody listens any more", "connection refused"},
    {Fault::kReset, "connection reset in mid-answer", "connection reset"},
    {Fault::kCut, "connection closed in mid-answer", "cut off"},
    {Fault::kTruncated, "half a picture, whole by HTTP", "a picture without its end"},
    {Fault::kEndless, "an answer without end", "longer than 256 MB"},
    {Fault::kSlow, "one byte a second", "timed out in mid-answer"},
    {Fault::kStatus500, "status 500", "status 500"},
    {Fault::kHtml, "status 200 with HTML", "text/html that is no picture"},
    {Fault::kWrongPicture, "another picture of the right size", "wrong"},
    {Fault::kRedirect, "sent on to itself", "status 302"},
    {Fault::kTls, "TLS fails", "no TLS handshake"},
    {Fault::kHang, "a server that hangs", "timed out"},
    {Fault::kDeath, "dead for a second, then back", "connection refused"},
};

// Of each command: pictures that are right before the fault, all warm-ups among them.
constexpr int kRightOfLoad = 30, kRightOfStudy = 250, kRightOfAttribute = 90;
// Its requests cannot be told apart behind TLS: seconds, of about four that it probes for.
constexpr double kSecondsOfAttribute = 2.5;

}  // namespace

std::span<const ServerFault> ServerFaults() { return kServerFaults; }

std::vector<std::string> LoadWords(const std::vector<std::string>& target) {
  Words words = {"load"};
  words.insert(words.end(), target.begin(), target.end());
  words.insert(words.end(),
               {"--workload", "viewer", "--clients", "1,2,3", "--seconds", "1.5", "--warm-up", "0",
                "--timeout", "1.5", "--check-seconds", "0.5", "--quiet"});
  return words;
}

std::vector<std::string> StudyWords(const std::string& server, const std::string& recipe,
                                    int rounds) {
  return {"study",     "--servers", server,     "--small",
          "--recipes", recipe,      "--rounds", fmt::format("{}", rounds),
          "--timeout", "1.5",       "--quiet"};
}

std::vector<std::string> AttributeWords(const std::string& url, const std::string& source) {
  return {"attribute", url, "--source", source, "--budget", "8", "--quiet"};
}

Result<FaultCase> CaseOf(const ServerFault& fault, const std::string& command,
                         const FaultTargets& targets) {
  FaultCase made;
  int port = targets.server_port;
  const bool tls = fault.fault == Fault::kTls;
  std::string trusted;
  if (tls) {
    auto front = TlsFront::Start(targets.folder + "/tls-" + command, port);
    if (!front) return front.error();
    made.tls = std::move(*front);
    port = made.tls->port();
    trusted = made.tls->certificate();
  }
  // An attribution warms up by requests like this, as many as it has time for.
  auto front = FaultFront::Start(port, fault.fault,
                                 command == "load"    ? kRightOfLoad
                                 : command == "study" ? kRightOfStudy
                                                      : kRightOfAttribute,
                                 command == "attribute" ? ",300,300/200,/0/" : "",
                                 tls && command == "attribute" ? kSecondsOfAttribute : 0);
  if (!front) return front.error();
  made.front = std::move(*front);
  const std::string root =
      fmt::format("{}://127.0.0.1:{}/iiif/2/", tls ? "https" : "http", made.front->port());
  const std::string url = root + std::filesystem::path(targets.image).filename().string();
  FailureCase& what = made.what;
  what.name = fmt::format("{} ({})", fault.name, command);
  what.least_kept = command == "study" ? 50 : 20;
  if (command == "load") {
    what.words = LoadWords({"--url", url, "--source", targets.image});
    what.promised = {"NOT REPORTABLE", fault.kind};
    what.ends = {"exit status 3"};
  } else if (command == "study") {
    what.words = StudyWords("url", "jpeg_q90", 60);
    what.environment = {{"IIIFBENCH_URL", root}};
    what.promised = {"NOT REPORTABLE", fault.kind, "after a right warm-up"};
    what.ends = {"exit status 3"};
  } else {
    what.words = AttributeWords(url, targets.image);
    // One that is gone at the end is an error of its own.
    const bool gone = fault.fault == Fault::kRefused || tls;
    what.promised = {gone ? "the server stopped answering during the run" : fault.kind};
    what.ends = {gone ? "exit status 1" : "exit status 3"};
    // It is whole again, and so is what was asked again.
    if (fault.fault == Fault::kDeath) what.ends = {"exit status 0", "exit status 3"};
  }
  // So much data takes its time.
  if (fault.fault == Fault::kEndless) {
    for (size_t i = 0; i + 1 < what.words.size(); ++i) {
      if (what.words[i] == "--timeout") what.words[i + 1] = "10";
      if (what.words[i] == "--seconds") what.words[i + 1] = "4";
    }
  }
  if (!trusted.empty()) what.environment["IIIFBENCH_CA_FILE"] = trusted;
  return made;
}

}  // namespace iiifbench
