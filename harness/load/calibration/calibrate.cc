#include "harness/load/calibration/calibrate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "harness/http/client.h"
#include "harness/load/calibration/delay_server.h"
#include "harness/load/generator/load_point.h"
#include "harness/servers/launch/process.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

constexpr size_t kBodyBytes = 20'000;  // a tile

// "1.23ms", "456.00us", "1.02s" as milliseconds.
double WrkMs(const std::string& text, bool& good) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  good = end != text.c_str() && (unit == "us" || unit == "ms" || unit == "s" || unit == "m");
  return value * (unit == "us" ? 1e-3 : unit == "s" ? 1e3 : unit == "m" ? 60e3 : 1);
}

std::string After(const std::string& text, const std::string& label) {
  const size_t at = text.find(label);
  if (at == std::string::npos) return {};
  const size_t start = text.find_first_not_of(" \t", at + label.size());
  if (start == std::string::npos) return {};
  return text.substr(start, text.find_first_of(" \t\n", start) - start);
}

struct Turns {
  std::vector<double> ms, p99_ms, rate, lag;
};

std::vector<double> LatenciesOf(const LoadRun& run, std::string_view request_class) {
  std::vector<double> out;
  for (const auto& sample : run.samples) {
    if (sample.failure < 0 &&
        run.classes[static_cast<size_t>(sample.request_class)] == request_class)
      out.push_back(MsOf(sample.latency));
  }
  return out;
}

// Answers that are not held, each client's right after one that is: nothing differs but the delay.
void BaseTurn(const std::string& url, int clients, const CalibrationOptions& options,
              std::vector<double>& base_ms) {
  bool hold = false;
  const LoadRun run = Generate(
      {.next =
           [&] {
             hold = !hold;
             return std::optional(LoadRequest{.url = hold ? url : url + "now",
                                              .request_class = hold ? "held" : "now"});
           },
       .clients = clients,
       .warm_up = std::chrono::milliseconds(200),
       .duration = std::chrono::nanoseconds(static_cast<int64_t>(options.seconds / 2 * 1e9)),
       .keep_bytes = 0,
       .stop = options.stop});
  const auto latencies = LatenciesOf(run, "now");
  if (!latencies.empty()) base_ms.push_back(Median(latencies));
}

void OurTurn(const std::string& url, int clients, const CalibrationOptions& options, Turns& out) {
  const LoadRun run = Generate(
      {.next = [&] { return std::optional(LoadRequest{.url = url, .request_class = "it"}); },
       .clients = clients,
       .warm_up = std::chrono::milliseconds(200),
       .duration = std::chrono::nanoseconds(static_cast<int64_t>(options.seconds * 1e9)),
       .keep_bytes = 0,
       .stop = options.stop});
  const std::vector<double> latencies = LatenciesOf(run, "it");
  if (latencies.empty()) return;
  const LoadPoint point = Summarise(run, ConnectionPolicy::kReuse);
  out.ms.push_back(Median(latencies));
  out.p99_ms.push_back(Quantile(latencies, 0.99));
  out.rate.push_back(point.throughput);
  out.lag.push_back(point.lag_p90_ms);
}

// wrk takes whole seconds.
int WrkSeconds(const CalibrationOptions& options) {
  return std::max(1, static_cast<int>(std::lround(options.seconds)));
}

Result<void> WrkTurn(const std::string& program, const std::string& url, int clients,
                     const CalibrationOptions& options, Turns& out) {
  auto figures = ParseWrk(OutputOf({program, "--latency", "-t1", fmt::format("-c{}", clients),
                                    fmt::format("-d{}s", WrkSeconds(options)), url}));
  if (!figures) return figures.error();
  out.ms.push_back(figures->p50_ms);
  out.p99_ms.push_back(figures->p99_ms);
  out.rate.push_back(figures->rate);
  return {};
}

Result<CalibrationRow> Measure(const std::string& name, const std::string& url, int clients,
                               const std::string& wrk, const CalibrationOptions& options,
                               DelayServer* server) {
  if (options.progress) options.progress(fmt::format("{}, {} clients", name, clients));
  Turns ours, theirs;
  std::vector<double> held, base;
  for (int turn = 0; turn < options.turns; ++turn) {
    if (options.stop != nullptr && options.stop->load()) break;
    if (server != nullptr) {
      BaseTurn(url, clients, options, base);
      server->TakeHeldMs();
    }
    OurTurn(url, clients, options, ours);
    if (server != nullptr) {
      const auto now = server->TakeHeldMs();
      held.insert(held.end(), now.begin(), now.end());
    }
    if (wrk.empty()) continue;
    auto done = WrkTurn(wrk, url, clients, options, theirs);
    if (!done) return done.error();
    if (server != nullptr) server->TakeHeldMs();
  }
  if (ours.ms.empty()) return Fail(ErrorKind::kIo, "{}: no answer came from {}", name, url);
  CalibrationRow row{.target = name,
                     .clients = clients,
                     .our_ms = Median(ours.ms),
                     .our_p99_ms = Median(ours.p99_ms),
                     .our_rate = Median(ours.rate),
                     .our_lag_p90_ms = Median(ours.lag)};
  if (!held.empty()) row.known_ms = Median(held);
  if (!base.empty()) row.base_ms = Median(base);
  if (!theirs.ms.empty()) {
    row.wrk_ms = Median(theirs.ms);
    row.wrk_p99_ms = Median(theirs.p99_ms);
    row.wrk_rate = Median(theirs.rate);
    row.wrk_seconds = WrkSeconds(options);
  }
  Judge(row);
  return row;
}

// lighttpd with one file, and its URL.
Result<std::unique_ptr<Process>> StartLighttpd(const std::string& program,
                                               const std::string& folder, std::string& url) {
  const auto port = FreePort();
  if (!port) return port.error();
  std::ofstream(folder + "/tile.bin") << std::string(kBodyBytes, 'x');
  std::ofstream conf(folder + "/lighttpd.conf");
  conf << fmt::format(
      "server.document-root = \"{}\"\nserver.bind = \"127.0.0.1\"\nserver.port = {}\n"
      "server.max-keep-alive-requests = 100000000\nserver.max-keep-alive-idle = 60\n",
      folder, *port);
  conf.close();
  if (!conf)
    return Fail(ErrorKind::kIo, "{}/lighttpd.conf: cannot be written; is the disk full?", folder);
  auto process = Process::Start({program, "-D", "-f", folder + "/lighttpd.conf"}, {},
                                folder + "/lighttpd.log");
  if (!process) return process.error();
  url = fmt::format("http://127.0.0.1:{}/tile.bin", *port);
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (Client().Get(url).status == 200) return process;
    const std::string ended = (*process)->Ended();
    if (!ended.empty())
      return Fail(ErrorKind::kIo, "lighttpd: {}: {}", ended,
                  LastLines(folder + "/lighttpd.log", 3));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Fail(ErrorKind::kIo, "lighttpd does not answer: {}",
              LastLines(folder + "/lighttpd.log", 3));
}

}  // namespace

Result<WrkFigures> ParseWrk(const std::string& text) {
  // Above the distribution stands a column of percentages, in which "71.99%" is no 99th percentile.
  const std::string distribution =
      text.substr(std::min(text.size(), text.find("Latency Distribution")));
  bool p50_good = false, p99_good = false;
  const WrkFigures out{.rate = std::atof(After(text, "Requests/sec:").c_str()),
                       .p50_ms = WrkMs(After(distribution, " 50%"), p50_good),
                       .p99_ms = WrkMs(After(distribution, " 99%"), p99_good)};
  if (out.rate > 0 && p50_good && p99_good) return out;
  return Fail(ErrorKind::kBadInput, "wrk printed something else than expected: {}",
              text.substr(0, 1000));
}

void Judge(CalibrationRow& row) {
  auto beyond = [&](const char* what, double ours, double theirs,
                    double bound = kCalibrationBound) {
    if (std::abs(ours / theirs - 1) > bound)
      row.out_of_bounds.push_back(
          fmt::format("{} is {:+.1f} % off", what, 100 * (ours / theirs - 1)));
  };
  row.bounded = row.known_ms >= kBoundedFromMs * 0.99 ||
                (row.known_ms == 0 && row.clients == 1 && row.wrk_ms > 0);
  if (!row.bounded) return;
  if (row.known_ms == 0) {
    if (row.our_ms - row.wrk_ms > kStaticBoundMs)
      row.out_of_bounds.push_back(fmt::format("{:.3f} ms more than wrk", row.our_ms - row.wrk_ms));
    return;
  }
  beyond("our median against what the server held and the base", row.our_ms,
         row.known_ms + row.base_ms);
  if (row.wrk_ms == 0) return;
  beyond("our median against wrk's", row.our_ms, row.wrk_ms);
  const double whole_answers =
      row.wrk_seconds > 0 ? row.clients / (row.wrk_rate * row.wrk_seconds) : 0;
  row.rate_bound = kCalibrationBound + whole_answers;
  beyond("our rate against wrk's", row.our_rate, row.wrk_rate, row.rate_bound);
}

Result<Calibration> Calibrate(const CalibrationOptions& options) {
  Calibration out;
  const std::string wrk = FindProgram("wrk");
  std::string lighttpd = FindProgram("lighttpd");
  if (lighttpd.empty()) lighttpd = FindProgram("/usr/sbin/lighttpd");
  out.wrk = wrk.empty() ? "not found: install the package wrk" : OutputOf({wrk, "--version"});
  out.wrk = out.wrk.substr(0, out.wrk.find(" [epoll"));
  out.lighttpd =
      lighttpd.empty() ? "not found: install the package lighttpd" : OutputOf({lighttpd, "-v"});
  out.lighttpd = out.lighttpd.substr(0, out.lighttpd.find(" ("));
  auto stopped = [&] { return options.stop != nullptr && options.stop->load(); };
  auto add = [&](Result<CalibrationRow> row) -> Result<void> {
    if (!row) return stopped() ? Result<void>() : Result<void>(row.error());
    out.rows.push_back(*row);
    return {};
  };
  if (!lighttpd.empty()) {
    std::string url;
    auto process = StartLighttpd(lighttpd, options.folder, url);
    if (!process) return process.error();
    for (int clients : {1, 8}) {
      auto added = add(Measure("static 20 kB", url, clients, wrk, options, nullptr));
      if (!added) return added.error();
    }
  }
  for (double delay : options.delays_ms) {
    auto server =
        DelayServer::Start(std::chrono::nanoseconds(static_cast<int64_t>(delay * 1e6)), kBodyBytes);
    if (!server) return server.error();
    const std::string url = fmt::format("http://127.0.0.1:{}/", (*server)->port());
    for (int clients : {1, 8}) {
      if (stopped()) break;
      auto added = add(
          Measure(fmt::format("held {:g} ms", delay), url, clients, wrk, options, server->get()));
      if (!added) return added.error();
      const CalibrationRow& row = out.rows.back();
      if (clients != 1 || out.overhead_ms != 0 || row.known_ms == 0) continue;
      out.overhead_ms = row.our_ms - row.known_ms;
      out.least_ms_within_2_percent = out.overhead_ms / kCalibrationBound;
    }
  }
  out.complete = !stopped();
  out.within_bounds = out.complete && std::ranges::all_of(out.rows, [](const auto& row) {
                        return row.out_of_bounds.empty();
                      });
  return out;
}

nlohmann::json CalibrationToJson(const Calibration& calibration) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& row : calibration.rows) {
    rows.push_back(
        {{"target", row.target},
         {"clients", row.clients},
         {"known_ms", row.known_ms},
         {"base_ms", row.base_ms},
         {"ours", {{"p50_ms", row.our_ms}, {"p99_ms", row.our_p99_ms}, {"rate", row.our_rate}}},
         {"our_lag_p90_ms", row.our_lag_p90_ms},
         {"wrk",
          {{"p50_ms", row.wrk_ms},
           {"p99_ms", row.wrk_p99_ms},
           {"rate", row.wrk_rate},
           {"seconds", row.wrk_seconds}}},
         {"rate_bound", row.rate_bound},
         {"bounded", row.bounded},
         {"out_of_bounds", row.out_of_bounds}});
  }
  return {{"schema", 1},
          {"wrk", calibration.wrk},
          {"lighttpd", calibration.lighttpd},
          {"bound", kCalibrationBound},
          {"bounded_from_ms", kBoundedFromMs},
          {"overhead_ms", calibration.overhead_ms},
          {"least_ms_within_2_percent", calibration.least_ms_within_2_percent},
          {"within_bounds", calibration.within_bounds},
          {"complete", calibration.complete},
          {"rows", rows}};
}

std::string CalibrationToText(const Calibration& calibration) {
  std::string text = fmt::format("{}; {}\n", calibration.wrk, calibration.lighttpd);
  text += fmt::format(
      "{:<14} {:>7} {:>9} {:>7} | {:>9} {:>9} {:>9} | {:>9} {:>9} {:>9} | {:>8} {:>8}  {}\n",
      "target", "clients", "held ms", "base", "our p50", "our p99", "our /s", "wrk p50", "wrk p99",
      "wrk /s", "/ expect", "/ wrk", "verdict");
  for (const auto& row : calibration.rows) {
    auto ratio = [](double a, double b) {
      return b > 0 ? fmt::format("{:.4f}", a / b) : std::string("-");
    };
    const std::string verdict =
        !row.bounded ? "no bound here"
        : row.out_of_bounds.empty()
            ? row.rate_bound > 0
                  ? fmt::format("within bounds (rate: {:.1f} %)", 100 * row.rate_bound)
                  : "within bounds"
            : fmt::format("{}", fmt::join(row.out_of_bounds, "; "));
    text += fmt::format(
        "{:<14} {:>7} {:>9} {:>7} | {:>9.3f} {:>9.3f} {:>9.1f} | {:>9.3f} {:>9.3f} {:>9.1f} | "
        "{:>8} {:>8}  "
        "{}\n",
        row.target, row.clients, row.known_ms > 0 ? fmt::format("{:.3f}", row.known_ms) : "-",
        row.base_ms > 0 ? fmt::format("{:.3f}", row.base_ms) : "-", row.our_ms, row.our_p99_ms,
        row.our_rate, row.wrk_ms, row.wrk_p99_ms, row.wrk_rate,
        ratio(row.our_ms, row.known_ms > 0 ? row.known_ms + row.base_ms : 0),
        ratio(row.our_ms, row.wrk_ms), verdict);
  }
  text += fmt::format(
      "our cost per request is {:.3f} ms: answers from {:.1f} ms on are measured within 2 %\n",
      calibration.overhead_ms, calibration.least_ms_within_2_percent);
  text +=
      "Medians are bounded to 2 %. wrk counts whole answers, so its rate is known to one answer of "
      "each "
      "client "
      "in a turn: the rates' bound is 2 % and that, as each row says; longer turns (--seconds) "
      "tighten it.\n";
  text += calibration.within_bounds ? "CALIBRATED\n"
          : calibration.complete    ? "OUT OF BOUNDS\n"
                                    : "INTERRUPTED\n";
  return text;
}

}  // namespace iiifbench
