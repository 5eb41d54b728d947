// transferred_habit: how a server will decode a format for which there is no fit of it, as far as
// its fit of another format says.
//
// What is a habit of the program is carried over: the filter and how it is computed, what memory is
// kept, how much of a picture is decoded. What is a gift of the format is not: a decoder that
// scales by DCT need not know of pyramids, and one that finds no stored level, or no tiles, in its
// file shows nothing of what it would do with them. A server that is known to decode whole files at
// full size does so with every format until another fit says otherwise; one of which less is known
// gets two ends, and a saving from the first to the second: the worst habit that explains its
// probes, and the best that the format allows.
#pragma once

#include <string>
#include <vector>

#include "harness/attribution/model/hypothesis.h"

namespace iiifbench {

struct TransferredHabit {
  Hypothesis own;   // nothing better than what is seen now
  Hypothesis best;  // whatever the format allows
  bool certain() const { return own.habit == best.habit; }
  std::string why;  // empty where certain
};

struct Format {
  std::string codec;
  const ImageInfo* info = nullptr;
};

// `rivals`: every habit that explains the fit's probes (FittedModel); the hypothesis' own may be
// left out.
TransferredHabit TransferHabit(const Hypothesis& fitted, std::vector<DecodeHabit> rivals,
                               const Format& from, const Format& to);

}  // namespace iiifbench
