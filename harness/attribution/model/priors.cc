#include "harness/attribution/model/priors.h"

#include <array>

namespace iiifbench {
namespace {

constexpr std::string_view kSeed1 = "by hand, then tried on seed 1",
                           kSeed3 = "by hand, then tried on seed 3", kBound = "by a bound",
                           kHand = "by hand", kNormal = "from the normal distribution";

// `value` of a list of values: the least.
constexpr std::array kTable = {
    PriorValue{"tolerance_ms", kToleranceMs, "ms", kHand,
               "larger: fast requests say nothing; smaller: clock noise decides"},
    PriorValue{"tolerance_share", kToleranceShare, "of the latency", kHand,
               "larger: all requests count alike; smaller: slow ones say nothing"},
    PriorValue{"relative_error_ms", kRelativeMs, "ms", kHand,
               "smaller: hypotheses are chosen by info-like requests"},
    PriorValue{"most_relative_error", kMostRelative, "of the latency", kHand,
               "larger: one outlier chooses the hypothesis"},
    PriorValue{"folds", kFolds, "count", kHand, "fewer: errors of probes left out are too large"},
    PriorValue{"pair_weight", kPairWeight, "times one probe", kHand,
               "smaller: encode and resize trade milliseconds with decode"},
    PriorValue{"pull", kPull, "tolerances for each 1 off", kSeed1,
               "larger: every server looks like our kernels; smaller: a stage under noise is 0"},
    PriorValue{"least_centre", kLeastCentre, "times our kernel", kBound,
               "lower: intervals reach below what anybody decodes in"},
    PriorValue{"most_centre", kMostCentre, "times our kernel", kBound,
               "lower: a slow stage that noise hides lies outside of its interval"},
    PriorValue{"of_mean_error", kOfMeanError, "times the mean error", kNormal,
               "smaller: savings are claimed that are not there"},
    PriorValue{"identified", kIdentified, "times the best error", kHand,
               "smaller: wrong strategies are named; larger: right ones are not"},
    PriorValue{"least_decode", kLeastDecode, "times our kernel", kBound,
               "higher: a faster library is taken for a missing column"},
    PriorValue{"most_decode", kMostDecode, "times our kernel", kHand,
               "lower: slow decoders are taken for slow storage"},
    PriorValue{"seen", kSeen, "times the row's noise", kSeed3,
               "smaller: strategies are named by noise"},
    PriorValue{"seen_rows", kSeenRows, "count", kSeed3, "fewer: one odd probe names a strategy"},
    PriorValue{"seen_samples", kSeenSamples, "count", kSeed3,
               "fewer: single answers name a strategy"},
    PriorValue{"different_rows", kDifferentRows, "count", kSeed3,
               "fewer: hypotheses that say the same are told apart"},
    PriorValue{"by_taps", kByTaps, "times the error", kHand,
               "smaller: a resize by taps wins by chance"},
    PriorValue{"one_more_column", kByHand, "times the error", kHand,
               "smaller: a copy of rows wins by chance"},
    PriorValue{"no_simd", kNoSimd, "times our kernel", kHand,
               "smaller: a slow SIMD resize is taken for one without"},
    PriorValue{"start_ms", kStartMs[0], "ms, the least of seven tried", kHand,
               "a coarser list: a pipeline's start is booked as overhead"},
    PriorValue{"start_gain", kStartGain, "times the error", kSeed1,
               "smaller: overhead is booked as the start of a stage"},
    PriorValue{"row_copy_ms_per_megapixel", kRowCopyMs[0], "ms/Mpx, the least of four tried", kHand,
               "a coarser list: copied rows are booked as resize"},
    PriorValue{"row_copy_alike", kRowCopyAlike, "times the error", kHand,
               "smaller: intervals forget that rows may be copied"},
    PriorValue{"least_probes", kLeastProbes, "count", kHand, "fewer: seven columns on as few rows"},
    PriorValue{"kernel_error", kKernelError, "of a stage", kSeed1,
               "smaller: intervals are too narrow; larger: stages are merged"},
    PriorValue{"rest_error", kRestError, "of the latency", kSeed1,
               "smaller: what is unexplained is booked to stages"},
    PriorValue{"constant_error", kConstantError, "ms", kSeed1,
               "smaller: intervals of fast requests are too narrow"},
    PriorValue{"most_deviations", kMostDeviations, "deviations of the sum", kNormal,
               "larger: stages are stretched to a latency that is not theirs"},
    PriorValue{"replicates", kBootstrapReplicates, "count", kHand,
               "fewer: quantiles jump from run to run"},
    PriorValue{"competing", kCompeting, "hypotheses", kHand,
               "fewer: intervals forget strategies that may be"},
    PriorValue{"start_error", kStartError, "of a start", kHand,
               "smaller: decode and encode are surer than what starts them"},
    PriorValue{"widest_interval", kWidestInterval, "of the request", kHand,
               "smaller: more is merged; larger: guesses stand as stages"},
    PriorValue{"aliased", kAliased, "of a column", kHand,
               "larger: stages are merged that the design tells apart"},
    PriorValue{"filter_support", kFilterSupport, "source pixels", kHand,
               "another filter: a resize by taps has another shape"},
    PriorValue{"ms_per_tap", kMsPerTap, "ms", kHand,
               "nothing: the multiple takes it up; only the printed ns per tap is off"},
    PriorValue{"pixel_margin", kPixelMargin, "times the best rms", kHand,
               "smaller: a wrong filter is named by rounding"},
    PriorValue{"least_rms", kLeastRms, "grey levels", kHand,
               "smaller: of two filters alike the nearer by chance is named"},
};

}  // namespace

std::span<const PriorValue> Priors() { return kTable; }

}  // namespace iiifbench
