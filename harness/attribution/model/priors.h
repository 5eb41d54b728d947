// priors: every constant of the estimator, in one place: what it is, how it was chosen, and what
// breaks where it is off. They are written into every attribution's JSON.
//
// "By hand" means: a round number; where no seed is named, no run that compares it with others is
// on record. "Seed 1" are plans 0-13 of our server and 0-7 of libvips, small pages, and plans 0-3
// at 24 Mpx; "seed 3" plans 0-9 of our server, small pages. "By a bound" means: no server that we
// know lies beyond. Units: in each name or comment.
#pragma once

#include <span>
#include <string_view>

namespace iiifbench {

// What a latency is good to: residuals count relative to this sum.
constexpr double kToleranceMs = 0.1, kToleranceShare = 0.02;
// A residual relative to (this + latency), counted up to kMostRelative.
constexpr double kRelativeMs = 0.5, kMostRelative = 0.5;
constexpr int kFolds = 8;             // of the cross-validation
constexpr double kPairWeight = 2;     // of the difference of two probes
constexpr double kPull = 1;           // of a multiple to its centre, in tolerances for each 1
constexpr double kLeastCentre = 0.7;  // of a multiple, drawn for each replicate
constexpr double kMostCentre = 5;
constexpr double kOfMeanError = 2.5;  // 95 % of normal errors with a mean size of 1 are below this

constexpr double kIdentified = 1.5;                      // the runner-up must be this much worse
constexpr double kLeastDecode = 0.5, kMostDecode = 2.2;  // times our kernel, else no strategy
constexpr double kSeen = 3;  // times the noise of a row: then a stage is seen in it
constexpr int kSeenRows = 4, kSeenSamples = 8, kDifferentRows = 2;
constexpr double kByTaps = 1.1;   // what a resize by taps must explain better than our kernel
constexpr double kByHand = 1.03;  // what one more column must explain better
constexpr double kNoSimd = 3;     // a resize of so many times our kernel has no SIMD
// Milliseconds before the first pixel of a stage: tried where none explains clearly less.
constexpr double kStartMs[] = {0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1.1};
constexpr double kStartGain = 1.2;  // none must be this much worse
// Milliseconds for each megapixel that is copied row by row: tried beside a resize without SIMD.
constexpr double kRowCopyMs[] = {0.7, 1.5, 3, 6};
constexpr double kRowCopyAlike = 1.2;  // kept where it explains at most this much worse
constexpr int kLeastProbes = 12;       // answered rightly, else nothing is fitted

constexpr double kKernelError = 0.1;    // of a stage: kernel and multiple
constexpr double kRestError = 0.02;     // of the latency: what no stage holds
constexpr double kConstantError = 0.3;  // ms
constexpr double kMostDeviations =
    2.5;  // standard deviations of the sum that the stages may be off by
constexpr int kBootstrapReplicates = 200;
constexpr size_t kCompeting = 6;         // hypotheses that compete in a replicate
constexpr double kStartError = 0.5;      // of what starting a decode or an encode is taken to cost
constexpr double kWidestInterval = 0.1;  // of the request; wider stages are merged
constexpr double kAliased = 0.03;  // of a column's length that others leave: less is no other stage

// A stand-in of the right kind may be off by this much more than another: its rate is not the
// file's.
constexpr double kStandInError = 0.02;  // of a latency
// Where the best explains the probes no better, none is rejected by them.
constexpr double kPoorFit = 0.1;  // relative, of probes left out

constexpr double kFilterSupport = 3;  // source pixels each side of an output pixel, by taps
constexpr double kMsPerTap = 0.5e-6;  // without SIMD, per tap and channel
constexpr double kPixelMargin = 1.5;  // rms of the next filter over that of the best
constexpr double kLeastRms = 0.2;     // grey levels: below it no picture is better than another

struct PriorValue {
  std::string_view name;
  double value = 0;  // of a grid the least
  std::string_view unit, chosen, breaks;
};
std::span<const PriorValue> Priors();

}  // namespace iiifbench
