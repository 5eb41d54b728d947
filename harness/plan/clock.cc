#include "harness/plan/clock.h"

#include <curl/curl.h>
#include <strings.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

namespace iiifbench {
namespace {

using namespace std::chrono_literals;

constexpr int kReplies = 20;
constexpr auto kBetween = 50ms;
constexpr double kContradiction = 0.1;

double SecondsOf(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

size_t TakeDate(char* data, size_t size, size_t count, void* to) {
  const std::string_view line(data, size * count);
  constexpr std::string_view kName = "Date:";
  if (line.size() > kName.size() && ::strncasecmp(data, kName.data(), kName.size()) == 0)
    *static_cast<std::string*>(to) = line.substr(kName.size());
  return size * count;
}

size_t Drop(char*, size_t size, size_t count, void*) { return size * count; }

struct CleanUp {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

}  // namespace

Result<ClockOffset> OffsetOf(std::span<const DateReply> replies) {
  if (replies.empty()) return Fail(ErrorKind::kBadInput, "no Date to compare clocks by");
  ClockOffset out{.low_s = -1e18, .high_s = 1e18, .replies = static_cast<int>(replies.size())};
  for (const DateReply& reply : replies) {
    out.low_s = std::max(out.low_s, static_cast<double>(reply.date_s) - SecondsOf(reply.done));
    out.high_s =
        std::min(out.high_s, static_cast<double>(reply.date_s) + 1 - SecondsOf(reply.sent));
  }
  if (out.low_s > out.high_s + kContradiction)
    return Fail(ErrorKind::kBadInput,
                "the Dates contradict each other by {:.1f} s: a cache answers, or a clock jumped; "
                "name another source by --time-url",
                out.low_s - out.high_s);
  // A server that renews its Date a little late.
  if (out.low_s > out.high_s) std::swap(out.low_s, out.high_s);
  return out;
}

Clock SystemClock() {
  return {.now = [] { return WallTime(std::chrono::system_clock::now()); },
          .sleep = [](std::chrono::nanoseconds t) { std::this_thread::sleep_for(t); }};
}

AskDate DateOf(const std::string& url, const std::string& ca_file) {
  // std::function copies its target.
  auto curl = std::shared_ptr<CURL>(curl_easy_init(), CleanUp());
  return [curl, url, ca_file]() -> Result<DateReply> {
    std::string date;
    CURL* c = curl.get();
    curl_easy_setopt(c, CURLOPT_URL, url.c_str());
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, Drop);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, TakeDate);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, &date);
    if (!ca_file.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, ca_file.c_str());
    DateReply reply{.sent = WallTime(std::chrono::system_clock::now())};
    const CURLcode code = curl_easy_perform(c);
    reply.done = WallTime(std::chrono::system_clock::now());
    if (code != CURLE_OK)
      return Fail(ErrorKind::kIo, "{}: clock: {}", url, curl_easy_strerror(code));
    if (date.empty()) return Fail(ErrorKind::kBadInput, "{}: clock: the answer has no Date", url);
    date.erase(0, date.find_first_not_of(" \t"));
    date.erase(date.find_last_not_of(" \t\r\n") + 1);
    reply.date_s = curl_getdate(date.c_str(), nullptr);
    if (reply.date_s < 0)
      return Fail(ErrorKind::kBadInput, "{}: clock: '{}' is no Date", url, date);
    return reply;
  };
}

Result<ClockOffset> MeasureOffset(const AskDate& ask, const Clock& clock) {
  std::vector<DateReply> replies;
  const WallTime start = clock.now();
  for (int i = 0; i < kReplies; ++i) {
    const auto left = start + i * kBetween - clock.now();
    if (left > 0ns) clock.sleep(left);
    auto reply = ask();
    if (!reply) return reply.error();
    replies.push_back(*reply);
  }
  return OffsetOf(replies);
}

Result<WallTime> ParseUtc(std::string_view text) {
  const std::string copy(text);
  std::tm utc{};
  int used = 0;
  double seconds = 0;
  const int fields =
      std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ%n", &utc.tm_year, &utc.tm_mon,
                  &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &seconds, &used);
  const bool good = fields == 6 && used == static_cast<int>(copy.size()) && utc.tm_year >= 1970 &&
                    utc.tm_mon >= 1 && utc.tm_mon <= 12 && utc.tm_mday >= 1 && utc.tm_mday <= 31 &&
                    utc.tm_hour >= 0 && utc.tm_hour < 24 && utc.tm_min >= 0 && utc.tm_min < 60 &&
                    seconds >= 0 && seconds < 60;
  const std::tm asked = utc;
  utc.tm_year -= 1900, utc.tm_mon -= 1;
  const std::time_t whole = good ? ::timegm(&utc) : 0;
  if (!good || utc.tm_mday != asked.tm_mday)  // the 31st of a month of 30 days
    return Fail(ErrorKind::kBadRequest, "--start-at {}: a UTC instant as 2026-12-01T08:00:00Z",
                text);
  return WallTime(std::chrono::seconds(whole)) +
         std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

Result<void> WaitUntil(WallTime start, const Clock& clock, const std::atomic<bool>* stop) {
  const auto ahead = start - clock.now();
  if (ahead < -1s)
    return Fail(
        ErrorKind::kBadRequest,
        "the start was {:.1f} s ago by this computer's clock: its arrivals are lost; choose a "
        "later one",
        std::chrono::duration<double>(-ahead).count());
  if (ahead > 24h)
    return Fail(ErrorKind::kBadRequest, "the start is {:.1f} h ahead; at most 24",
                std::chrono::duration<double, std::ratio<3600>>(ahead).count());
  for (;;) {
    const auto left = start - clock.now();
    if (left <= 0ns || (stop != nullptr && stop->load())) return {};
    clock.sleep(std::min<std::chrono::nanoseconds>(left, 100ms));
  }
}

}  // namespace iiifbench
