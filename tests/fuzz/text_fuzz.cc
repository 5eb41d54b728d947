// Any bytes as a text that servers and people hand us: info.json, an access log, a workload. An
// error says why; what is read can be used.
#include "harness/answers/info_document.h"
#include "harness/load/workload/access_log.h"
#include "harness/load/workload/workload.h"
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

void TryInfo(std::span<const uint8_t> text) {
  Exchange exchange{.url = "http://host/iiif/2/page/info.json", .status = 200};
  exchange.content_type = "application/json";
  exchange.body.assign(text.begin(), text.end());
  const auto info = ParseInfo(exchange);
  if (!info.ok()) return Demand(!info.error().message.empty(), "an error says why");
  Demand(info->size.width > 0 && info->size.height > 0, "info.json gives a size");
}

void TryLog(std::string_view text) {
  const auto log = ParseAccessLog(text, "/iiif/2/");
  if (!log.ok()) return Demand(!log.error().message.empty(), "an error says why");
  for (const LoggedArrival& arrival : log->arrivals) {
    Demand(arrival.due.count() >= 0, "nothing is due before the first");
    Demand(!ClassOfPath(arrival.path).empty(), "each has a class");
  }
}

void TryWorkload(std::string_view text) {
  const auto workload = ParseWorkload(text);
  if (!workload.ok()) return Demand(!workload.error().message.empty(), "an error says why");
  RequestStream stream(*workload, {{.file = "page.jpg", .path = {}, .size = {1001, 777}}}, 1);
  for (int n = 0; n < 20; ++n) {
    const auto request = stream.Next();
    if (!request) return;
    if (request->path.ends_with("info.json") || request->due) continue;
    const std::string path = "page.jpg/" + request->path;
    Demand(ParseImageRequest(path, ApiVersion::k2).ok() ||
               ParseImageRequest(path, ApiVersion::k3).ok(),
           "a request of a workload is legal");
  }
}

// Input: a byte that says which, the text.
void Try(std::span<const uint8_t> input) {
  if (input.empty()) return;
  const auto text = input.subspan(1);
  const std::string_view view(reinterpret_cast<const char*>(text.data()), text.size());
  switch (input[0] % 3) {
    case 0:
      return TryInfo(text);
    case 1:
      return TryLog(view);
    default:
      return TryWorkload(view);
  }
}

}  // namespace
}  // namespace iiifbench

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iiifbench::Try({data, size});
  return 0;
}
