// prober: one client that asks one image's server, and what it knows of the answers so far: the
// state that the steps of observe share. Not for others.
//
// setup.cc reads the server and makes the cases, answers.cc asks and checks one, signatures.cc and
// rounds.cc decide what is asked and which kernels run, screening.cc and pixels.cc drop hypotheses.
// Units: milliseconds, but for seconds since the start and of a step.
#pragma once

#include <random>

#include "harness/attribution/observe/observation_log.h"
#include "harness/attribution/observe/observe.h"
#include "harness/http/client.h"
#include "harness/http/courtesy.h"
#include "harness/stats/milliseconds.h"
#include "kernels/iiif/render.h"

namespace iiifbench {

// How this server's version of the standard spells a whole size, and one above the region's.
struct Spelling {
  std::string full = "full", upscale;
};

struct CheckedAnswer {
  std::vector<uint8_t> body;  // the first, checked one
  std::string wrong;          // why this case is left out
  std::string failed;         // the last failure; no reason to leave it out
  int failures = 0;           // since the last right answer
};

struct Prober {
  explicit Prober(const ObserveOptions& o)
      : options(o),
        client({.timeout = PatienceOf(o.budget), .headers = o.headers}),
        random(o.seed) {}

  const ObserveOptions& options;
  Client client;
  std::mt19937_64 random;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  Spelling spelling;
  std::vector<std::string> series_urls;  // of the size series
  std::vector<CheckedAnswer> answers;    // of each case
  int failing = 0;                       // failures that may pass, one after another
  std::chrono::steady_clock::time_point failing_since;
  bool gone = false;     // nothing else for too long
  double right_at = 0;   // seconds: the last answer that was none of these
  int lost = 0;          // failures in a row, of requests that were answered rightly before
  int rounded = 0;       // first answers whose size was not ours and allowed
  std::string rounding;  // the first of them
  std::chrono::steady_clock::time_point last_done;  // of the answer before
  double warm_ms = 0;                               // median of the warm-up
  // First answers, and which of them are changed or cannot be judged; of both the first in words.
  int compared = 0, changed = 0, doubted = 0;
  std::string change, doubt;
  double longest_step = 0;  // seconds of a request with its kernels
  Renderer renderer;
};

inline bool Stopped(const Prober& prober) {
  return prober.gone || NothingMoreIsSent() ||
         (prober.options.stop != nullptr && prober.options.stop->load()) ||
         (prober.options.log != nullptr && !prober.options.log->Check());
}
inline double Elapsed(const Prober& prober) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - prober.start).count();
}
// The name under which the encoder's cost for a case's answer is kept.
inline std::string EncodingOf(const Case& c) { return "encode for " + c.probe.name; }
// Whether another step may not end within the budget.
inline bool OutOfTime(const Prober& prober) {
  return Stopped(prober) || Elapsed(prober) + prober.longest_step > prober.options.budget.count();
}
inline void Say(const Prober& prober, const std::string& line) {
  if (prober.options.progress) prober.options.progress(line);
}
// A case by its probe's name, where it was not answered wrongly; else null.
Case* Find(const Prober& prober, Observed& observed, const std::string& name);

// Without the file: fetches the picture and keeps it uncompressed, as the source of our renderings.
Result<Spelling> FetchFromServer(const ObserveOptions& options, Client& client, Observed& observed);
// Encodes it in the ways that the latencies so far leave possible, each with its hypotheses.
void MakeStandIns(Prober& prober, Observed& observed);
// The file's header, and info.json, which must speak of the same picture. Fills codec and info.
Result<Spelling> ReadServer(const ObserveOptions& options, Client& client, Observed& observed);
// Places the size series, or takes the server's other pictures for it; returns their URLs. What
// cannot be taken is named. Without `fetch` those without a file have their sizes only.
std::vector<std::string> MakeSizeSeries(const ObserveOptions& options, Client& client, bool fetch,
                                        Observed& observed);
Result<std::vector<Case>> MakeCases(const ObserveOptions& options, const Spelling& spelling,
                                    const Observed& observed);
// Asks until the latencies fall no more. Returns a finding where the time was too short for that.
std::optional<Finding> WarmUp(Prober& prober, Size size);

// Asks a case once, checks the answer, and with `evidence` notes what else shows of it.
void Ask(Prober& prober, Observed& observed, size_t number, bool evidence);
// Takes cases out that were answered wrongly or never, and names them.
void DropWrongAnswers(const Prober& prober, Observed& observed);
// Whether most answers are of an encoder that is not libjpeg.
bool ForeignEncoder(const std::vector<Case>& cases);

// Asks the signatures' probes, says the first answer, and refuses where a cache answers.
void TakeSignatures(Prober& prober, Observed& observed);
// The ratios again, by all that was answered so far.
void JudgeSignatures(const Prober& prober, Observed& observed);

// Leaves out habits whose decode alone, at a quarter of our cost per pixel (amortised, on two
// cores), is slower than the whole request.
void PruneHypotheses(const Prober& prober, Observed& observed);
// Leaves out habits whose measured decode is slower than the server in three probes: their kernels
// would take the time that the others need.
void PruneMeasured(Observed& observed);
// Leaves out what the pixels of two answers exclude: source levels of a region, and point samplers
// or the others.
void PruneByPixels(Prober& prober, Observed& observed);
// Of stand-ins, those whose decoding explains the core far worse than the best one's.
void ScreenStandIns(const Prober& prober, Observed& observed);
// Leaves out what explains the core far worse than the best.
void Screen(const Prober& prober, Observed& observed);

// The core with its kernels, then the requests of interest and the rest, while there is time.
void AskRounds(Prober& prober, Observed& observed);
// What an earlier sitting measured and this one had no time for: it counts when it is right again.
void CheckRestored(Prober& prober, Observed& observed);

}  // namespace iiifbench
