// answer_traps: what makes a right picture another amount of work than was asked for, so that its
// latency must not be ranked with the others'.
//
// Named: the source's own bytes (a same-format request that streams the file: nothing was decoded),
// another JPEG quality than asked, progressive output. Chroma that was not halved is told by the
// answer's detail only: it is more work, not less.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/findings/finding.h"

namespace iiifbench {

// As the text stands in records; today's have its id.
constexpr std::string_view kStreamedSource = "the source file itself was sent: nothing was decoded";

// `source_path` is read only when the sizes agree.
std::vector<Finding> AnswerTraps(std::span<const uint8_t> body, const std::string& source_path,
                                 int quality);

// Also of a record that has no ids.
bool IsStreamedSource(const Finding& trap);

// What an answer says of the encoder's settings: "q90 4:2:0"; empty when it is no JPEG.
std::string AnswerSettings(std::span<const uint8_t> body);

}  // namespace iiifbench
