#include "harness/study/effective/read_back.h"

#include <algorithm>
#include <barrier>
#include <cmath>
#include <cstdlib>
#include <set>
#include <thread>

#include "harness/http/client.h"
#include "harness/stats/milliseconds.h"
#include "harness/study/answer_traps.h"
#include "harness/study/effective/cache.h"

namespace iiifbench {
namespace {

constexpr int kRepeats = 3;
constexpr double kFits = 0.25;  // root mean square of relative errors
constexpr double kUnitIsOff = 1.25;

// Crops that were not asked before, spread over the page so that they share few tiles.
class Crops {
 public:
  Crops(std::string url, Size image) : url_(std::move(url)), image_(image) {}
  std::string Next() {
    const int side = std::min({512, image_.width / 2, image_.height / 2});
    const int x = static_cast<int>(asked_ * 389 % static_cast<size_t>(image_.width - side));
    const int y = static_cast<int>(asked_ * 631 % static_cast<size_t>(image_.height - side));
    ++asked_;
    return fmt::format("{}/{},{},{},{}/{},/0/default.jpg", url_, x, y, side, side, side);
  }

 private:
  std::string url_;
  Size image_;
  size_t asked_ = 1;
};

Result<CropTime> TimeOf(Client& client, const std::string& url) {
  const Exchange exchange = client.Get(url);
  if (!exchange.error.empty() || exchange.status != 200)
    return Fail(
        ErrorKind::kIo, "{}: {}", url,
        exchange.error.empty() ? fmt::format("status {}", exchange.status) : exchange.error);
  return CropTime{.ms = MsOf(exchange.latency()),
                  .transfer_ms = MsOf(exchange.done - exchange.first_byte)};
}

// The times from the start until each of k was done, in order; medians of a few tries.
Result<std::vector<double>> AskAtOnce(const RunningServer& running, Crops& crops, int k) {
  std::vector<std::vector<double>> tries(static_cast<size_t>(k));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < k; ++i) {
    clients.push_back(std::make_unique<Client>(ClientOptions{.headers = running.headers}));
    if (auto t = TimeOf(*clients.back(), crops.Next()); !t)
      return t.error();  // opens the connection
  }
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    std::vector<std::string> urls;
    for (int i = 0; i < k; ++i) urls.push_back(crops.Next());
    std::vector<Exchange> exchanges(static_cast<size_t>(k));
    std::barrier together(k);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < clients.size(); ++i) {
      threads.emplace_back([&, i] {
        together.arrive_and_wait();
        exchanges[i] = clients[i]->Get(urls[i]);
      });
    }
    for (auto& thread : threads) thread.join();
    const auto first = std::ranges::min_element(exchanges, {}, &Exchange::due)->due;
    std::vector<double> done;
    for (const Exchange& exchange : exchanges) {
      if (!exchange.error.empty() || exchange.status != 200)
        return Fail(
            ErrorKind::kIo, "{} of {} at once: {}", exchange.url, k,
            exchange.error.empty() ? fmt::format("status {}", exchange.status) : exchange.error);
      done.push_back(MsOf(exchange.done - first));
    }
    std::ranges::sort(done);
    for (size_t i = 0; i < done.size(); ++i) tries[i].push_back(done[i]);
  }
  std::vector<double> medians;
  for (const auto& one : tries) medians.push_back(Median(one));
  return medians;
}

// "4 or more (times one: 1.0, 2.0)".
std::string WorkersText(const std::vector<double>& completions, int most_cores) {
  auto fitting = WorkersThatFit(completions, most_cores);
  std::string text = fitting.empty() ? "cannot tell" : "";
  std::ranges::sort(fitting);
  for (const int w : fitting) {
    text += fmt::format("{}{}", text.empty() ? "" : " or ", w);
    if (w == static_cast<int>(completions.size())) text += " or more";
  }
  return fmt::format("{} ({} at once were done after {:.1f} times one alone)", text,
                     completions.size(), fmt::join(completions, ", "));
}

}  // namespace

std::vector<double> CompletionsAtOnce(int k, int workers, int cores) {
  std::vector<double> left, done;  // of those that are served
  double now = 0;
  int waiting = k;
  while (static_cast<int>(done.size()) < k) {
    for (; waiting > 0 && static_cast<int>(left.size()) < workers; --waiting) left.push_back(1);
    const double speed =
        std::min(1.0, static_cast<double>(cores) / static_cast<double>(left.size()));
    const double step = *std::ranges::min_element(left) / speed;
    now += step;
    for (double& work : left) work -= step * speed;
    std::erase_if(left, [&](double work) {
      if (work > 1e-9) return false;
      done.push_back(now);
      return true;
    });
  }
  return done;
}

std::vector<int> WorkersThatFit(std::span<const double> completions, int most_cores) {
  const int k = static_cast<int>(completions.size());
  std::vector<std::pair<double, int>> errors;
  for (int workers = 1; workers <= k; ++workers) {
    double least = 1e9;
    for (int cores = 1; cores <= std::min(most_cores, workers); ++cores) {
      const auto expected = CompletionsAtOnce(k, workers, cores);
      // One alone is timed at another moment than all at once, so the unit is free within
      // kUnitIsOff: the pattern tells.
      std::vector<double> ratios;
      for (size_t i = 0; i < expected.size(); ++i) ratios.push_back(completions[i] / expected[i]);
      const double unit = std::clamp(Median(ratios), 1 / kUnitIsOff, kUnitIsOff);
      double sum = 0;
      for (const double ratio : ratios) sum += std::pow(ratio / unit - 1, 2);
      least = std::min(least, std::sqrt(sum / k));
    }
    errors.emplace_back(least, workers);
  }
  std::ranges::sort(errors);
  std::vector<int> fitting;
  for (const auto& [error, workers] : errors) {
    if (error <= kFits && error <= std::max(1.5 * errors[0].first, errors[0].first + 0.05))
      fitting.push_back(workers);
  }
  return fitting;
}

Result<std::map<std::string, std::string>> ReadBackSettings(RunningServer& running,
                                                            const std::string& image_url,
                                                            Size image) {
  std::map<std::string, std::string> settings;
  Crops crops(image_url, image);
  Client client({.headers = running.headers});
  std::vector<std::string> known;
  auto cache = ReadCache([&](int crop) -> Result<CropTime> {
    if (crop == kAskInfo) return TimeOf(client, image_url + "/info.json");
    while (std::ssize(known) <= crop) known.push_back(crops.Next());
    return TimeOf(client, known[static_cast<size_t>(crop)]);
  });
  if (!cache) return cache.error();
  settings["cache"] = cache->text;
  const auto asked = running.intended.find("workers");
  const int workers = asked == running.intended.end() ? 1 : std::atoi(asked->second.c_str());
  auto completions = AskAtOnce(running, crops, std::clamp(workers + 2, 4, 8));
  if (!completions) return completions.error();
  for (double& ms : *completions) ms /= cache->new_ms;
  const int cores = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 8u));
  settings["workers"] = WorkersText(*completions, cores);
  for (auto& [name, value] : running.Behaviour()) settings[name] = value;
  return settings;
}

std::string QualityOf(const Study& study, const std::string& server) {
  std::set<int> qualities;
  for (const StudyCell& cell : study.cells) {
    const bool streamed = std::ranges::any_of(cell.traps, IsStreamedSource);
    if (cell.server == server && cell.settings.starts_with('q') && !streamed)
      qualities.insert(std::atoi(cell.settings.c_str() + 1));
  }
  return fmt::format("{}", fmt::join(qualities, ", "));
}

std::vector<Finding> Differences(const StudyServer& server) {
  // The choices before the figures: "1 or 2 (4 at once ...)" -> "1", "2".
  const auto choices = [](const std::string& value) {
    std::vector<std::string> out;
    std::string text = value.substr(0, value.find(" ("));
    for (size_t at = 0; at != std::string::npos;) {
      const size_t next = text.find(" or ", at);
      out.push_back(text.substr(at, next == std::string::npos ? next : next - at));
      at = next == std::string::npos ? next : next + 4;
    }
    return out;
  };
  std::vector<Finding> differences;
  for (const auto& [name, told] : server.intended) {
    const auto seen = server.effective.find(name);
    if (seen == server.effective.end() || seen->second.starts_with("cannot tell")) continue;
    const std::string wanted = choices(told).front();
    bool same = false;
    for (const auto& choice : choices(seen->second)) {
      same = same || choice == wanted;
      // Encoders round their tables differently.
      if (name == "jpeg_quality")
        same = same || std::abs(std::atoi(choice.c_str()) - std::atoi(wanted.c_str())) <= 2;
    }
    if (!same)
      differences.push_back({"setting-differs", fmt::format("{} was meant to be {}, but is {}",
                                                            name, told, seen->second)});
  }
  return differences;
}

}  // namespace iiifbench
