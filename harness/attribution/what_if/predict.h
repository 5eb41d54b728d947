// predict: what a change would save, from the fit of an attribution and our kernels on the changed
// work.
//
// after = network + (latency now - network) x sum over columns of share x kernel(then) /
// kernel(now). The shares are those of this very request: of the server's own profile where there
// is one that names its stages, else of the fit. The kernels of both sides run in turn, in costs of
// their own, just before the ratio is taken: a median that reaches back to the probes is of another
// minute's machine. A column that was nothing before (a resize that appears) costs its kernel times
// the fitted multiple. `latency_ms` is the request's, measured at the time of the prediction.
// Units: milliseconds.
//
// Intervals hold, added as squares: 95 % of the fit's bootstrap; both kinds of shares; the model's
// own error (the fit's, on probes left out, 2.5 times, which holds 95 % where the mean is 1) on all
// columns that the change touches, because each is one more probe; and the noise of the latency
// now. Where nothing says how a server decodes another format the prediction is a range from what
// is known to the best (transferred_habit.h): `unknown` says why, and saves_ms is its lower end.
#pragma once

#include "harness/attribution/fit/fit.h"
#include "harness/attribution/model/attribution.h"

namespace iiifbench {

struct Prediction {
  double saves_ms = 0, low = 0, high = 0;
  double latency_ms = 0;     // that it was made from
  std::string unknown = {};  // why it is a range
};

// What a prediction for one request stands on.
struct Baseline {
  double latency_ms = 0;
  double fixed_ms = 0;             // network
  Eigen::RowVectorXd fitted = {};  // the request's row at the time of the fit
  PartMap<double> profile = {};    // empty: none
  double fit_error = 0;            // relative
  double noise_ms = 0;             // of the latency: 95 %
};

// The change: null and empty members leave what is.
struct PlannedChange {
  const Case* then = nullptr;            // another request, file or encoder
  const Hypothesis* how = nullptr;       // another habit
  std::map<int, double> multiples = {};  // column -> its new multiple of our kernel
  int decode_work = -1;                  // another kernel for the decode
};

// By the profile where it names at least 85 % of the request, else by the fit: a request's time,
// column by column.
Eigen::RowVectorXd PartsOf(const Baseline& baseline, const Eigen::VectorXd& beta,
                           bool by_profile = true);
// The share of a request's service time that is left, by rows of both sides measured in one turn.
double ShareLeft(const Eigen::RowVectorXd& parts, const Eigen::VectorXd& beta,
                 const Eigen::RowVectorXd& now, const Eigen::RowVectorXd& then,
                 const std::map<int, double>& multiples);

// The same server and format.
Prediction PredictChange(const Baseline& baseline, const Case& now, const PlannedChange& change,
                         const FittedModel& model, KernelCosts& costs, bool foreign_encoder);
// How much of the parts, in milliseconds of them, a change touches: of each column that changes the
// larger of before and after.
double Touched(const Eigen::RowVectorXd& parts, const Eigen::VectorXd& beta,
               const Eigen::RowVectorXd& now, const Eigen::RowVectorXd& then,
               const std::map<int, double>& multiples);
// The same request from another format. `other`: the server's fit of that format; null: by the
// habits that carry over, and as many times slower than our kernel as in the format that is known,
// which is a guess, and its interval says so (0.7 to 1.5 times).
Prediction PredictOther(const Baseline& baseline, const Case& now, const Case& then,
                        const FittedModel& model, const FittedModel* other, KernelCosts& costs,
                        bool foreign_encoder);
// The same by the kernels' row of the request in that format, measured now. What the server now
// takes more or less than its fit says belongs to the decoder that goes: it does not scale what
// comes.
Prediction FromOtherFormat(const Baseline& baseline, const Eigen::RowVectorXd& after,
                           const FittedModel& model, const FittedModel* other);
// The range between two ends that are predictions themselves.
Prediction Between(const Prediction& own, const Prediction& best, const std::string& unknown);
// An answer from a cache costs what an info.json does.
Prediction PredictHit(const Baseline& baseline, const FittedModel& model);
// Two clients at once: of one worker, which they wait for, and of two. Each request then takes what
// it takes alone, times what a busy neighbour costs (`busy` and at most `most`), and no two are
// ready before the cores have done their work, 2 x processor_ms / cores (0: not known): a server
// whose stages run in several threads, or whose collector does, needs more than one core for one
// request.
struct TwoClients {
  double now_ms = 0, alone_ms = 0, busy = 1, most = 1, processor_ms = 0;
  int cores = 2;
};
Prediction PredictTwoWorkers(const TwoClients& clients);
// The same pixels in the spelling that all probes have: what the fit says of them.
Prediction PredictAsProbed(const Baseline& baseline, const FittedModel& model);

// A case with another path or, above 0, quality of the answer; its encode kernel is a work of
// `costs`. With the path that it has: the same case in other costs.
Result<Case> ChangedRequest(const Case& now, const std::string& path, ApiVersion version,
                            int quality, KernelCosts& costs);

}  // namespace iiifbench
