#include "harness/attribution/observe/failures.h"

#include <algorithm>
#include <thread>

#include "harness/http/failure_kind.h"
#include "harness/http/plain_text.h"

namespace iiifbench {
namespace {

constexpr int kTries = 3;         // of a request that was never answered
constexpr int kLeastLost = 4;     // failures in a row before a server is taken for gone
constexpr int kMostTimeOuts = 3;  // in a row
constexpr double kPatience = 5;   // seconds of nothing but failures; a quarter of a short budget

std::string ReasonOf(const Exchange& exchange, const std::string& failure) {
  if (exchange.status == 0 || exchange.status == 200) return failure;
  const size_t some = std::min<size_t>(exchange.body.size(), 120);
  const std::string text = PlainText(std::string(
      exchange.body.begin(), exchange.body.begin() + static_cast<std::ptrdiff_t>(some)));
  return text.empty() ? failure : fmt::format("{}: {}", failure, text);
}

bool TimedOut(const Exchange& exchange) { return exchange.failure.starts_with("timed out"); }

}  // namespace

std::string FailureToday(const Exchange& exchange, const CheckedAnswer& before) {
  if (!exchange.failure.empty()) return exchange.failure;
  if (!exchange.error.empty()) return exchange.error;
  if (exchange.status != 200 || exchange.body.empty()) return FailureOf(exchange);
  // What a server answers each time is judged as a picture, not by its outside.
  return before.body.empty() || exchange.body == before.body ? "" : FailureOf(exchange);
}

bool MayPass(const Exchange& exchange) {
  if (!exchange.error.empty())
    return !TimedOut(exchange) && !exchange.failure.starts_with("longer than");
  const long status = exchange.status;
  return status == 200 || status == 408 || status == 425 || status == 429 ||
         (status >= 500 && status != 501 && status != 505);
}

void TakeFailure(Prober& prober, Observed& observed, size_t number, const Exchange& exchange,
                 const std::string& failure) {
  ++observed.failures[failure];
  CheckedAnswer& answer = prober.answers[number];
  answer.failed = ReasonOf(exchange, failure);
  ++answer.failures;
  const bool passes = MayPass(exchange);
  if (!observed.cases[number].samples_ms.empty()) ++prober.lost;
  if (observed.cases[number].samples_ms.empty() && (!passes || answer.failures >= kTries))
    answer.wrong = answer.failed;
  if (TimedOut(exchange)) {
    // Each took as long as we are ready to wait for one answer.
    prober.gone = ++prober.failing >= kMostTimeOuts;
    return;
  }
  if (!passes || exchange.failure == "interrupted") return;
  const auto now = std::chrono::steady_clock::now();
  if (prober.failing++ == 0) prober.failing_since = now;
  const double patience = std::min(kPatience, prober.options.budget.count() / 4);
  const double for_seconds = std::chrono::duration<double>(now - prober.failing_since).count();
  if (prober.failing >= kLeastLost && for_seconds > patience) {
    prober.gone = true;
    return;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(40, 5 * prober.failing)));
}

void TakeSuccess(Prober& prober, size_t number) {
  prober.failing = prober.lost = 0;
  prober.right_at = Elapsed(prober);
  prober.answers[number].failures = 0;
}

}  // namespace iiifbench
