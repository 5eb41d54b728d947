// matrix: servers by file types, the first table of the page, as HTML.
#pragma once

#include <string>

#include "harness/report/page/run_files.h"

namespace iiifbench {

// Of attributions, for the request `path`: milliseconds, times the floor, the largest part; linked.
std::string AttributedMatrix(const RunFiles& run, const std::string& path);
// Of a study that was not attributed, for its first class of request, and the cell that is farthest
// from the floor; empty: no cell has a floor.
std::string StudyMatrix(const RunFiles& run);
// "573 ms decode + read + resize": the largest part of an entry of "requests".
std::string MostlyOf(const nlohmann::json& request);

}  // namespace iiifbench
