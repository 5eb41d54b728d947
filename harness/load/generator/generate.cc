#include "harness/load/generator/generate.h"

#include <curl/curl.h>
#include <sys/prctl.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "harness/http/failure_kind.h"
#include "harness/load/generator/slot.h"
#include "harness/load/generator/sockets.h"
#include "harness/load/workload/arrivals.h"

namespace iiifbench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kFailuresInARow = 50;
// A server that is started again may refuse for so long; who was refused asks again in a moment.
constexpr nanoseconds kPatience = 2s, kRefused = 10ms, kTell = 500ms;
// An idle core wakes up a tenth of a millisecond late and more, which would be lag of ours: the
// last bit before a request is due is waited for awake, but not more than a tenth of the mean gap.
constexpr nanoseconds kAwake = 300us;
constexpr double kAwakeShare = 0.1;
// With nothing in flight nobody else wants the processor, and a core that slept long wakes up later
// still (0.3 ms and more here).
constexpr nanoseconds kAwakeIdle = 1ms;

struct Free {
  Slot* slot;
  Instant since;
  bool refused = false;  // and so waiting a moment
};

struct Waiting {
  LoadRequest request;
  Instant due;
};

// The instant at which curl wants to be called by time alone.
int OnTimer(CURLM*, long milliseconds, void* to) {
  *static_cast<Instant*>(to) = milliseconds < 0
                                   ? Instant::max()
                                   : steady_clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

template <typename Name>
int32_t IndexOf(std::vector<std::string>& names, const Name& name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<int32_t>(found - names.begin());
  names.emplace_back(name);
  return static_cast<int32_t>(names.size() - 1);
}

class Generator {
 public:
  explicit Generator(const GenerateOptions& options);
  ~Generator();
  LoadRun Run();

 private:
  bool Open() const { return options_.rate_per_second > 0 || timed_; }
  void TakeNext();  // the next request of an open loop into upcoming_
  void Start(LoadRequest request, Instant due);
  void StartDue(Instant now);
  void Step(Instant until);  // waits, and lets curl work; awake towards the end in an open loop
  void LetCurlWork(
      nanoseconds late);  // where its time has come: a request just started is sent by that
  void CollectDone(nanoseconds late);  // what curl has finished; `late`: at most so long ago
  void Finish(Slot& slot, CURLcode code, nanoseconds late);
  void Keep(size_t sample, Slot& slot);
  void CountInFlight(Instant now, int change);
  void CountDue(Instant due);  // of an open loop
  nanoseconds WaitedUntil(
      Instant over) const;  // by requests due after the warm-up that are not done
  bool GiveUp(Instant now);
  void TellSoFar(Instant now);

  const GenerateOptions& options_;
  LoadRun run_;
  CURLM* multi_ = nullptr;
  curl_slist* headers_ = nullptr;
  Sockets sockets_;
  Instant curl_timer_ = Instant::max();
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Free> free_;
  std::deque<Waiting> waiting_;       // due, and no slot was free
  std::optional<LoadRequest> first_;  // of a closed loop
  Arrivals arrivals_;
  bool timed_ = false;
  bool no_more_ = false;  // a stream that ended is not asked again
  nanoseconds awake_{};
  std::optional<LoadRequest> upcoming_;
  Instant upcoming_due_;
  Instant start_, warm_, end_, turn_;
  int busy_ = 0, failures_in_a_row_ = 0;
  Instant failing_since_;
  int64_t answers_ = 0, kept_bytes_ = 0;
  // In flight: due after the warm-up and not done. Counted by events, apart from the samples, so
  // that Little's law can fail.
  int in_flight_ = 0;
  Instant in_flight_since_;
  double in_flight_seconds_ = 0;
  Instant asked_alive_, told_;
  Instant last_done_;
};

Generator::Generator(const GenerateOptions& options)
    : options_(options), arrivals_(options.rate_per_second, options.poisson, options.seed) {
  multi_ = curl_multi_init();
  sockets_.Watch(multi_);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, &curl_timer_);
  for (const auto& header : options_.headers)
    headers_ = curl_slist_append(headers_, header.c_str());
}

Generator::~Generator() {
  for (auto& slot : slots_) {
    if (slot->busy) curl_multi_remove_handle(multi_, slot->curl);
    curl_easy_cleanup(slot->curl);
  }
  curl_multi_cleanup(multi_);
  curl_slist_free_all(headers_);
}

void Generator::CountInFlight(Instant now, int change) {
  const Instant from = std::max(in_flight_since_, warm_);
  if (now > from)
    in_flight_seconds_ += in_flight_ * std::chrono::duration<double>(now - from).count();
  in_flight_since_ = now;
  in_flight_ += change;
}

// Seen late, perhaps after others' ends: it has been in flight since it was due all the same.
void Generator::CountDue(Instant due) {
  if (due < warm_) return;
  if (due < in_flight_since_)
    in_flight_seconds_ += std::chrono::duration<double>(in_flight_since_ - due).count();
  CountInFlight(std::max(in_flight_since_, due), 1);
}

void Generator::TakeNext() {
  upcoming_ = options_.next();
  if (!upcoming_) return;
  upcoming_due_ = start_ + (upcoming_->due ? *upcoming_->due : arrivals_.Next());
  if (upcoming_due_ >= end_) upcoming_.reset();
}

void Generator::Start(LoadRequest request, Instant due) {
  const Free free = free_.back();
  free_.pop_back();
  Slot& slot = *free.slot;
  slot.request = std::move(request);
  slot.due = due;
  slot.ready = std::max(due, free.since);
  slot.first_byte = {};
  slot.body.clear();
  slot.busy = true;
  ++busy_;
  curl_easy_setopt(slot.curl, CURLOPT_URL, slot.request.url.c_str());
  slot.sent = steady_clock::now();
  curl_multi_add_handle(multi_, slot.curl);
}

void Generator::StartDue(Instant now) {
  while (!Open() && now < end_ && !no_more_) {
    const auto ready = std::ranges::find_if(free_, [&](const Free& f) { return f.since <= now; });
    if (ready == free_.end()) break;
    std::swap(*ready, free_.back());
    auto request = first_ ? std::exchange(first_, {}) : options_.next();
    no_more_ = !request;
    if (no_more_) return;
    // A client's first request is due at the start, each further one when the one before was done.
    const Instant due = free_.back().refused ? now : free_.back().since;
    CountInFlight(now, due >= warm_);
    Start(std::move(*request), due);
  }
  for (; Open() && upcoming_ && upcoming_due_ <= now; TakeNext()) {
    CountDue(upcoming_due_);
    waiting_.push_back({std::move(*upcoming_), upcoming_due_});
  }
  while (!waiting_.empty() && !free_.empty()) {
    Start(std::move(waiting_.front().request), waiting_.front().due);
    waiting_.pop_front();
  }
}

void Generator::Step(Instant until) {
  const Instant asked = steady_clock::now();
  const nanoseconds awake = awake_ > 0ns && busy_ == 0 ? kAwakeIdle : awake_;
  const auto left =
      std::clamp<nanoseconds>(std::min(until - awake, curl_timer_) - asked, 0ns, 100ms);
  const auto ready = sockets_.Wait(left);
  const Instant turn = steady_clock::now();
  // What was there at once may have come at any time since the last turn began.
  const nanoseconds unseen = turn - asked < 20us ? asked - turn_ : 0ns;
  turn_ = turn;
  for (const Sockets::Ready& socket : ready) {
    const nanoseconds late = unseen + (steady_clock::now() - turn);
    int running = 0;
    curl_multi_socket_action(multi_, socket.descriptor, socket.what, &running);
    CollectDone(late);
    // Each client asks again at once: answers that came together would else keep coming together,
    // and each would wait for our work on all the others.
    StartDue(steady_clock::now());  // after the end just seen, or the time until it counts twice
    LetCurlWork(late);
  }
  LetCurlWork(unseen);
}

void Generator::LetCurlWork(nanoseconds late) {
  if (curl_timer_ > steady_clock::now()) return;
  curl_timer_ = Instant::max();
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  CollectDone(late);
}

void Generator::CollectDone(nanoseconds late) {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Slot* slot = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
    const CURLcode code = message->data.result;
    Finish(*slot, code, late);
  }
}

void Generator::Finish(Slot& slot, CURLcode code, nanoseconds late) {
  const Instant done = steady_clock::now();
  last_done_ = done;
  CountInFlight(done, -static_cast<int>(slot.due >= warm_));
  const Transfer transfer = TransferOf(slot);
  curl_multi_remove_handle(multi_, slot.curl);
  slot.busy = false;
  --busy_;
  const bool refused = !Open() && code != CURLE_OK && done - slot.sent < kRefused;
  free_.push_back({&slot, done + (refused ? kRefused : 0ns), refused});
  if (!transfer.http_version.empty()) run_.http_version = transfer.http_version;

  std::string failure = TransferFailure(code, slot.body.size());
  if (failure.empty())
    failure = OutsideFailure(transfer.status, slot.content_type, slot.request.path, slot.body);
  failures_in_a_row_ = failure.empty() ? 0 : failures_in_a_row_ + 1;
  if (failures_in_a_row_ == 1) failing_since_ = done;
  if (slot.due < warm_) {
    ++run_.warm_up_requests;
    return;
  }
  LoadSample sample{.due = slot.due - start_,
                    .latency = done - slot.due,
                    .slot = slot.ready - slot.due,
                    .lag = (slot.sent - slot.ready) + late,
                    .dns = transfer.dns,
                    .connect = transfer.connect,
                    .tls = transfer.tls,
                    .bytes = static_cast<int64_t>(slot.body.size()),
                    .reused = transfer.reused,
                    .arrival = slot.request.arrival};
  const nanoseconds opening = sample.dns + sample.connect + sample.tls;
  const Instant first = slot.first_byte == Instant{} ? done : slot.first_byte;
  sample.first_byte = std::max<nanoseconds>(0ns, first - slot.sent - opening);
  sample.body = done - first;
  sample.request_class = IndexOf(run_.classes, slot.request.request_class);
  if (!failure.empty()) sample.failure = IndexOf(run_.failures, failure);
  run_.samples.push_back(sample);
  if (failure.empty()) Keep(run_.samples.size() - 1, slot);
}

void Generator::Keep(size_t sample, Slot& slot) {
  if (answers_++ % run_.kept_one_in != 0) return;
  kept_bytes_ += static_cast<int64_t>(slot.body.size());
  run_.kept.push_back({.sample = sample,
                       .image = slot.request.image,
                       .path = slot.request.path,
                       .content_type = slot.content_type,
                       .body = std::exchange(slot.body, {})});
  while (kept_bytes_ > options_.keep_bytes && run_.kept.size() > 1) {
    // Every second one goes: those left are one in twice as many, as if it had been so from the
    // start.
    std::vector<KeptBody> left;
    kept_bytes_ = 0;
    for (size_t i = 0; i < run_.kept.size(); i += 2) {
      kept_bytes_ += static_cast<int64_t>(run_.kept[i].body.size());
      left.push_back(std::move(run_.kept[i]));
    }
    run_.kept = std::move(left);
    run_.kept_one_in *= 2;
  }
}

nanoseconds Generator::WaitedUntil(Instant over) const {
  nanoseconds waited{};
  const auto add = [&](Instant due) {
    if (due >= warm_) waited += std::max<nanoseconds>(0ns, over - due);
  };
  for (const auto& slot : slots_)
    if (slot->busy) add(slot->due);
  for (const Waiting& waiting : waiting_) add(waiting.due);
  return waited;
}

bool Generator::GiveUp(Instant now) {
  if (options_.stop != nullptr && options_.stop->load()) {
    run_.ended_early = "interrupted";
  } else if (failures_in_a_row_ >= kFailuresInARow && now - failing_since_ > kPatience) {
    run_.ended_early = fmt::format("the last {} requests failed", failures_in_a_row_);
  } else if (options_.alive && now - asked_alive_ > 200ms) {
    asked_alive_ = now;
    auto alive = options_.alive();
    if (!alive) run_.ended_early = alive.error().message;
  }
  return !run_.ended_early.empty();
}

void Generator::TellSoFar(Instant now) {
  if (!options_.so_far || now <= warm_) return;
  told_ = now;
  CountInFlight(now, 0);
  options_.so_far(run_, {now - warm_, in_flight_seconds_, WaitedUntil(now)});
}

LoadRun Generator::Run() {
  ::prctl(PR_SET_TIMERSLACK,
          1UL);  // nanoseconds, of this thread: 50 us by default would be lag of ours
  std::optional<LoadRequest> first = options_.next();
  timed_ = first && first->due;
  if (timed_) awake_ = kAwake;
  if (options_.rate_per_second > 0)
    awake_ = std::min(
        kAwake, nanoseconds(static_cast<int64_t>(1e9 * kAwakeShare / options_.rate_per_second)));
  const int count = std::max(1, Open() ? options_.slots : options_.clients);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(count));
  for (int i = 0; i < count; ++i) {
    slots_.push_back(std::make_unique<Slot>());
    Configure(*slots_.back(), options_, headers_);
    sockets_.HearOfClosing(slots_.back()->curl);
  }
  start_ = turn_ = in_flight_since_ = asked_alive_ = told_ = last_done_ = steady_clock::now();
  warm_ = start_ + options_.warm_up;
  end_ = warm_ + options_.duration;
  for (auto& slot : slots_) free_.push_back({slot.get(), start_});
  if (Open() && first) {
    upcoming_due_ = start_ + (first->due ? *first->due : arrivals_.Next());
    upcoming_ = std::move(first);
  } else {
    no_more_ = !first;
    first_ = std::move(first);
  }
  // What is due before the end is sent and awaited, at most as long again: a server may be slower
  // than the rate.
  const Instant latest = end_ + std::max<nanoseconds>(options_.duration, 1s);
  for (;;) {
    const Instant now = steady_clock::now();
    if (GiveUp(now) || now >= latest) break;
    if (now - told_ > kTell) TellSoFar(now);
    StartDue(now);
    LetCurlWork(0ns);
    if (busy_ == 0) {
      // Nothing in flight is not yet the end: a fast server's answers are all back before we look
      // again.
      if (Open() ? !upcoming_ && waiting_.empty() : no_more_ || now >= end_) break;
      if (!Open() && free_.back().since <= now) continue;  // its clients ask again at once
    }
    Instant next = upcoming_ ? upcoming_due_ : latest;
    for (const Free& client : free_)
      if (!Open() && client.since > now) next = std::min(next, client.since);
    Step(next);
  }
  if (run_.ended_early.empty() && no_more_ && last_done_ < end_)
    run_.ended_early = fmt::format("the stream of requests ended after {:.3f} of {:.3f} s",
                                   std::chrono::duration<double>(last_done_ - start_).count(),
                                   std::chrono::duration<double>(end_ - start_).count());
  const Instant over = std::max({last_done_, std::min(end_, steady_clock::now()), warm_});
  TellSoFar(over);
  CountInFlight(over, 0);
  run_.not_answered = in_flight_;
  run_.not_answered_waited = WaitedUntil(over);
  run_.measured = over - warm_;
  run_.asked = options_.duration;
  const double seconds = std::chrono::duration<double>(run_.measured).count();
  if (seconds > 0) run_.mean_in_flight = in_flight_seconds_ / seconds;
  return std::move(run_);
}

}  // namespace

LoadRun Generate(const GenerateOptions& options) {
  IIIFBENCH_CHECK(options.next != nullptr, "no stream of requests");
  return Generator(options).Run();
}

}  // namespace iiifbench
