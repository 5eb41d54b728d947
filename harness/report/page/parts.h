// parts: what an attribution tells apart in one request's latency: a stage, or several that are one
// sum.
//
// The page draws and ranks these, never a share of a sum that the data could not split.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/report/page/run_files.h"

namespace iiifbench {

struct Part {
  std::vector<std::string> stages;  // in the order of kStages; more than one: not told apart
  double ms = 0;
  std::optional<double> low = std::nullopt,
                        high = std::nullopt;  // of a single stage; a sum's interval is not recorded
};

// Of an entry of "requests", in the order of kStages; merged groups that share a stage are one
// part.
std::vector<Part> PartsOf(const nlohmann::json& request);
// "decode + resize", as it stands in tables.
std::string NameOf(const Part& part);
// What our kernels take for the whole request; 0: not recorded.
double FloorMs(const nlohmann::json& request);
// The request that the file's sentence is about; null when there is none.
const nlohmann::json& RequestIn(const AttributionFile& file, const std::string& path);
// "IIPSrv jpeg_q90", escaped.
std::string WhoOf(const RunFiles& run, const AttributionFile& file);
// "stages-iipsrv-jpeg_q90": where a section speaks of this attribution. Safe as an id and in a
// link.
std::string AnchorOf(const std::string& section, const AttributionFile& file);
std::string LinkTo(const std::string& section, const AttributionFile& file,
                   const std::string& escaped_text);
// What such a link leads to; a browser unfolds what it stands in.
std::string LandingOf(const std::string& section, const AttributionFile& file);

}  // namespace iiifbench
