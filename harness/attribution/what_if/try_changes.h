// try_changes: what-ifs that are tried: the change is made, its effect predicted before the server
// is request, and both are printed beside one another.
//
// Changes: the source in another recipe, placed beside the source; the same picture request
// for in another way (on tile boundaries, at a stored level, its width only); an index beside a
// JPEG; another setting on a second instance of a server that we can start (quality of answers, a
// cache, more workers under load, and each member of the reference server's fault plan undone).
// Prediction: predict.h, made before the first request for the changed thing; a source of another
// format is predicted by that format's own fit where this run has one. Measurement: old and new in
// turn, so that both see the same machine; medians; the predicted saving is stated in milliseconds
// of the latency measured then. Units: milliseconds. Files that are placed are removed. Errors: a
// change that cannot be made stands in `not_offered` with the reason.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct ExperimentOptions {
  const Server* server = nullptr;
  RunningServer* running = nullptr;
  ServerSettings settings;                    // that it was started with
  std::string source;                         // the file, in a folder that the server reads
  std::map<std::string, FittedModel> known;   // codec -> fit of this server, of earlier sources
  std::chrono::duration<double> budget{1.2};  // of measuring one change for one request
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

// Appends what was tried to the attribution's what-ifs, and ranks them again.
void TryChanges(const ExperimentOptions& options, const Observed& observed,
                Attribution& attribution);

// The same request on tile boundaries, or for a size that is stored; empty: it is already, or
// cannot be.
std::string AlignedRequest(const ImageInfo& info, const std::string& path, ApiVersion version);
// "w," for "w,h" of the same pixels: some servers reduce while they decode only for one of the two.
std::string WidthOnlyRequest(const ImageInfo& info, const std::string& path, ApiVersion version);
std::string StoredSizeRequest(const ImageInfo& info, const std::string& path, ApiVersion version);

}  // namespace iiifbench
