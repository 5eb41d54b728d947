#include "harness/attribution/observe/first_answer.h"

#include <fmt/format.h>

#include <vector>

namespace iiifbench {

std::string Describe(const Signatures& s) {
  const auto said = [](std::optional<double> ratio) {
    return ratio ? fmt::format("{:.2f}", *ratio) : std::string("not measured");
  };
  return fmt::format(
      "signatures: repeat/first {}, bottom/top {}, 501/500 wide {}, pixel of page/of 64 px {}, "
      "info of "
      "page/of 64 px {}",
      said(s.second_to_first), said(s.bottom_to_top), said(s.above_level), said(s.pixel_to_small),
      said(s.info_to_small));
}

std::string FirstAnswer(const Signatures& s, const std::string& codec, const NetworkCost& network,
                        double tile_ms) {
  std::vector<std::string> out;
  if (tile_ms > 0) out.push_back(fmt::format("a tile takes {:.1f} ms", tile_ms));
  if (network.round_trip_ms >= 1)
    out.push_back(fmt::format(
        "{:.0f} ms of every request are the round trip of the link, whatever the server does",
        network.round_trip_ms));
  if (s.cached)
    out.push_back(fmt::format("repeats take {:.0f} % of the first time: a cache answers",
                              100 * s.second_to_first.value_or(0)));
  if (s.info_to_small > 3)
    out.push_back(fmt::format(
        "even info.json takes {:.0f} times as long as that of a 64 px picture: the file is read "
        "or parsed for "
        "every request",
        *s.info_to_small));
  // The link's round trip hides in both sides of these ratios, so they are lower bounds.
  const bool sequential = s.bottom_to_top > 1.6;
  if (sequential)
    out.push_back(
        fmt::format("a tile at the bottom takes {:.1f} times as long as one at the top: the file "
                    "is decoded from its top "
                    "down to the region",
                    *s.bottom_to_top));
  else if (s.pixel_to_small > 8)
    out.push_back(fmt::format(
        "one pixel of the page takes {:.0f} times as long as a 64 px picture: every request "
        "works on the whole "
        "page",
        *s.pixel_to_small));
  else if (s.bottom_to_top > 0)
    out.push_back(
        "top and bottom of the page cost the same: the server goes straight to the region");
  if (s.above_level > 1.3)
    out.push_back(
        fmt::format("one pixel wider than an eighth of the page costs {:.1f} times as much: {} of "
                    "the file are used",
                    *s.above_level,
                    codec.empty()     ? "DCT scales or smaller levels"
                    : codec == "jpeg" ? "DCT scales"
                                      : "smaller levels"));
  else if (s.above_level > 0 && codec == "jpeg")
    out.push_back("no size is cheaper than its neighbour: no DCT scaling is seen");
  std::string text;
  for (const auto& part : out) text += (text.empty() ? "first answer: " : "; ") + part;
  return text;
}

}  // namespace iiifbench
