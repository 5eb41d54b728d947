#include "benchmarks/peers/verdict/floor.h"

#include <algorithm>

namespace iiifbench::peers {
namespace {

bool Measured(const Row& row) { return row.failed.empty() && !row.milliseconds.empty(); }

void Append(std::string& list, std::string_view begin, std::string_view separator,
            std::string_view item) {
  list += fmt::format("{}{}", list.empty() ? begin : separator, item);
}

}  // namespace

std::string Print(const Ratio& ratio) {
  return fmt::format("{:.2f} ({:.2f}-{:.2f})", ratio.median, ratio.low, ratio.high);
}

const Row* AgainOf(const CaseResult& result, std::string_view label) {
  for (const Row& row : result.again) {
    if (row.label == label && Measured(row)) return &row;
  }
  return nullptr;
}

Stand StandOf(const CaseResult& result, const Row& peer) {
  const Row& ours = result.rows.front();
  if (peer.ours || !peer.apart.empty() || !Measured(peer) || !Measured(ours)) return Stand::kApart;
  const Ratio first = RatioOf(peer, ours);
  if (first.high >= 1) return first.low < 1 ? Stand::kLevel : Stand::kSlower;
  if (result.again.empty()) return Stand::kSuspect;
  const Row* ours_again = AgainOf(result, ours.label);
  const Row* peer_again = AgainOf(result, peer.label);
  const Row* control = AgainOf(result, kControl);
  if (ours_again == nullptr || peer_again == nullptr || control == nullptr) return Stand::kFaster;
  const Ratio second = RatioOf(*peer_again, *ours_again);
  return second.high < 1 && second.high < RatioOf(*control, *ours_again).low ? Stand::kFaster
                                                                             : Stand::kNotConfirmed;
}

std::string BothBlocks(const CaseResult& result, const Row& peer) {
  std::string text = "first " + Print(RatioOf(peer, result.rows.front()));
  if (result.again.empty()) return text + ", to be measured again";
  const Row* ours_again = AgainOf(result, result.rows.front().label);
  const Row* peer_again = AgainOf(result, peer.label);
  const Row* control = AgainOf(result, kControl);
  if (ours_again == nullptr || peer_again == nullptr || control == nullptr)
    return text + ", the second block could not be measured";
  return fmt::format("{}, again {}, control again {}", text,
                     Print(RatioOf(*peer_again, *ours_again)),
                     Print(RatioOf(*control, *ours_again)));
}

std::string FloorOf(const CaseResult& result) {
  if (result.task.by_threads) return "ours only";
  if (result.rows.empty() || !Measured(result.rows.front())) return "not measured";
  std::string broken, suspects, not_confirmed, ties;
  for (const Row& row : result.rows) {
    const Stand stand = StandOf(result, row);
    if (stand == Stand::kFaster)
      Append(broken, "broken by ", "; ", fmt::format("{}: {}", row.label, BothBlocks(result, row)));
    if (stand == Stand::kSuspect)
      Append(suspects, "suspect: ", "; ", fmt::format("{} {}", row.label, BothBlocks(result, row)));
    if (stand == Stand::kNotConfirmed)
      Append(not_confirmed, "not confirmed: ", "; ",
             fmt::format("{} {}", row.label, BothBlocks(result, row)));
    if (stand == Stand::kLevel) Append(ties, "ties with ", ", ", row.label);
  }
  std::string floor;
  for (const std::string& part : {broken, suspects, ties, not_confirmed}) {
    if (!part.empty()) Append(floor, "", "; ", part);
  }
  return floor.empty() ? "holds" : floor;
}

bool HasSuspects(const CaseResult& result) {
  return std::any_of(result.rows.begin(), result.rows.end(),
                     [&](const Row& row) { return StandOf(result, row) == Stand::kSuspect; });
}

void MeasureAgain(CaseResult& result, std::span<const Peer* const> peers, RoundOptions options) {
  std::vector<std::string> labels = {result.rows.front().label, std::string(kControl)};
  for (const Row& row : result.rows) {
    if (StandOf(result, row) == Stand::kSuspect) labels.push_back(row.label);
  }
  options.rounds = 2 * options.rounds + 3;
  options.least_turns = std::min(9, options.rounds);
  options.job_seconds *= 4;
  options.seed += 1;
  result.again = RunBlock(result.task, peers, options, [&](const std::string& label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  });
}

std::string RuleAsMarkdown() {
  return "A peer whose whole interval lies below 1 is a suspect. Its case is measured again at the "
         "end of "
         "the run, by jobs made anew, with more rounds in another order, beside the control. The "
         "floor is "
         "broken when that second interval, too, lies wholly below 1 and wholly below the "
         "control's; "
         "otherwise it is a tie, \"not confirmed\". A second block that could not be measured "
         "leaves the "
         "first one standing. Where a peer calls the same codec library as ours, a tie is the best "
         "that "
         "either can get: the notes name the library.\n";
}

}  // namespace iiifbench::peers
