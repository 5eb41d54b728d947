// page: one run folder as one HTML file that needs nothing else: no script, no request to anywhere.
//
// Everything from files is escaped, and the page forbids itself scripts and foreign content by its
// Content-Security-Policy. Light and dark follow the reader's setting; text keeps its size on a
// phone.
#pragma once

#include <string>

#include "harness/report/page/run_files.h"

namespace iiifbench {

std::string PageToHtml(const RunFiles& run);
// Reads `folder` and writes `file`; the file appears whole or not at all. Yields nothing; errors
// are those of ReadRunFiles, or kIo.
Result<void> WritePage(const std::string& folder, const std::string& file);

}  // namespace iiifbench
