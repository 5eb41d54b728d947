#include "kernels/codecs/jpeg/decode_plan.h"

#include <algorithm>
#include <array>

namespace iiifbench::jpeg {
namespace {

constexpr int kLeastMcusAcross = 4;

// What an MCU costs, in units of the library's entropy decoding (measured at q90, 4:2:0).
constexpr double kPass = 0.55;  // by its lengths
constexpr std::array<double, 4> kDecode = {1.2, 0.95, 0.85,
                                           0.6};  // by our decoder and reconstructed, by level
constexpr double kReconstruct = 0.8, kSplice = 0.15;

// Cuts `wanted` at rows of MCUs into at most `threads` pieces, each `q` times as high as the one
// above.
std::vector<Region> Pieces(const Stream& stream, const Region& wanted, int level, int threads,
                           double q) {
  constexpr int kLeastRows = 4;  // below this the margins cost more than a second thread gains
  const int height = stream.mcu.height >> level;
  const int first = wanted.y / height, last = (wanted.bottom() + height - 1) / height;
  const int count = std::clamp((last - first) / kLeastRows, 1, std::max(1, threads));
  double all = 0, share = 1;
  for (int n = 0; n < count; ++n, share *= q) all += share;
  std::vector<Region> pieces;
  int y = wanted.y;
  double sum = 0;
  share = 1;
  for (int n = 1; n <= count; ++n, share *= q) {
    sum += share / all;
    const int bottom =
        n == count ? wanted.bottom() : (first + static_cast<int>((last - first) * sum)) * height;
    if (bottom <= y) continue;
    pieces.push_back({wanted.x, y, wanted.width, bottom - y});
    y = bottom;
  }
  return pieces;
}

}  // namespace

McuRect Touched(const Stream& s, const Region& wanted, int level) {
  const int width = s.mcu.width >> level, height = s.mcu.height >> level;
  McuRect rect{.left = std::max(0, wanted.x - 1) / width,
               .top = std::max(0, wanted.y - 1) / height,
               .right = std::min(s.mcus_across, (wanted.right() + 1 + width - 1) / width),
               .bottom = std::min(s.mcus_down, (wanted.bottom() + 1 + height - 1) / height)};
  rect.right = std::min(s.mcus_across, std::max(rect.right, rect.left + kLeastMcusAcross));
  rect.left = std::max(0, std::min(rect.left, rect.right - kLeastMcusAcross));
  return rect;
}

DecodePlan ChoosePlan(const Stream& stream, const McuRect& rect, const Region& wanted,
                      const DecodeRequest& request, bool own, bool indexed, bool split) {
  const double above = static_cast<double>(rect.bottom) * stream.mcus_across;
  const auto touched = static_cast<double>(rect.count());
  const double one = own ? kDecode[static_cast<size_t>(request.level)] : 1 + kReconstruct;
  DecodePlan plan{.pieces = Pieces(stream, wanted, request.level, request.threads, 1)};
  const auto threads = static_cast<double>(plan.pieces.size());
  const double in_order = (own ? kPass : 1) * (above - touched) + one * touched;
  // What must be passed to find the touched MCUs: from restart markers on only what stands behind
  // the last one.
  double passed = indexed ? 0 : kPass * above;
  const bool marked = !indexed && stream.restart_interval != 0;
  if (marked) {
    passed = 0;
    for (int row = rect.top; row < rect.bottom; ++row)
      passed += static_cast<double>((int64_t{row} * stream.mcus_across + rect.left) %
                                    stream.restart_interval);
    passed *= kPass / threads;
  }
  const double cut = passed + (own ? one : one + kSplice) * touched / threads;
  if (indexed || !own || (marked && cut < in_order)) {
    plan.cut = cut < in_order;
    if (!plan.cut) plan.pieces = {wanted};
    return plan;
  }
  // Each thread passes what lies above its piece. They end together when each piece is q times the
  // one above: q = 1 - (cost to pass a row) / (cost to decode one). Restart markers are passed for
  // nothing.
  const double share = touched / (static_cast<double>(rect.bottom - rect.top) * stream.mcus_across);
  const double row = kPass * (1 - share) + one * share;
  const double q = 1 - (stream.restart_interval != 0 ? 0 : kPass) / row;
  double sum = 0, power = 1;
  for (int n = 0; n < static_cast<int>(threads); ++n, power *= q) sum += power;
  const double skipped = split ? 0 : kPass * rect.top * stream.mcus_across;
  const double rows = row * (rect.bottom - rect.top) * stream.mcus_across;
  constexpr double kWorthAThread = 1.15;
  const bool pays = skipped + rows > kWorthAThread * (skipped + rows / sum);
  plan.pieces = Pieces(stream, wanted, request.level, pays ? request.threads : 1, q);
  return plan;
}

}  // namespace iiifbench::jpeg
