// The discipline that all four answers keep to, whatever was measured: with what its command adds
// at most 30 lines, no line wider than the terminal, no escape codes where no colours are wanted.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <sstream>

#include "harness/report/attribution_report.h"
#include "harness/report/terminal/attribution_answer.h"
#include "harness/report/terminal/compare_answer.h"
#include "harness/report/terminal/load_answer.h"
#include "harness/report/terminal/study_answer.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

constexpr size_t kTerminalLines = 30;
const std::string kUrl = "https://images.library.example.org:8443/iiif/3/" + std::string(90, 'i');

// Every line of text that can be long is, and every list has `many`.
json LargeAttribution(int many) {
  Attribution a;
  a.url = kUrl;
  for (int i = 0; i < many; ++i) {
    RequestAttribution r{.path = fmt::format("{},0,1024,1024/1024,/0/default.jpg", 1024 * i),
                         .measured_ms = 100.0 + i,
                         .unexplained_ms = 5};
    for (const Stage stage : kStages) r.stages[stage] = {.ms = 10, .low = 8, .high = 12};
    r.merged = {{Stage::kDecode, Stage::kResize}};
    r.floor_ms = {{Stage::kDecode, 20}, {Stage::kEncode, 10}};
    a.requests.push_back(r);
    a.what_ifs.push_back(
        {.path = r.path,
         .change = "store the missing level of the pyramid, number " + std::to_string(i),
         .saves_ms = 76.6 - i,
         .low = 47.2,
         .high = 105.3});
    a.findings.push_back({"pauses", fmt::format("{}: finding {} of many words", kUrl, i)});
    a.refusals.push_back({"no-fit", fmt::format("{}: reason {} of many words", kUrl, i)});
  }
  a.sentence = "p50 of " + kUrl + " is long";
  for (int i = 0; i < many; ++i) a.sentence += " and longer";
  for (const Stage stage : kStages) {
    a.strategy.push_back({.stage = std::string(StageName(stage)),
                          .name = "region/fitting",
                          .runner_up = "antialiased"});
    a.multiples[stage] = {.ms = 3.1, .low = 2.9, .high = 3.3};
  }
  return AttributionToJson(a, Observed(), "iiifbench attribute " + kUrl + " --budget 60");
}

json LargeStudy(int many) {
  json cells = json::array(), servers = json::array(), verdicts = json::array(),
       reasons = json::array();
  for (int i = 0; i < many; ++i) {
    const std::string server = fmt::format("{}-{}", kUrl, i % 17);
    servers.push_back({{"name", server + "s"}, {"status", "failed: " + kUrl + " answered 502"}});
    servers.push_back({{"name", fmt::format("missing-{}", i)}, {"status", "not installed"}});
    reasons.push_back(fmt::format("{}: reason {}", kUrl, i));
    if (i < 8)
      verdicts.push_back({{"verdict", "holds"}, {"finding", kUrl}, {"why", std::string(200, 'w')}});
    for (const char* kind : {"full", "tile", "crop", "zoomed", "info", "level", "thumbnail"}) {
      json cell = {{"server", server},
                   {"recipe", fmt::format("recipe_{}", i / 17)},
                   {"class", kind},
                   {"page", i % 2 == 0 ? "map" : "text"},
                   {"link", i % 3 == 0 ? "loopback" : "46 ms"},
                   {"status", "measured"},
                   {"status_id", i % 7 == 5 ? "wrong-answer" : "measured"},
                   {"median_ms", 12345.6 + i},
                   {"median_low_ms", 12000.0},
                   {"median_high_ms", 13000.0}};
      if (i % 7 < 5)
        cell["ratio"] = 1234.5, cell["ratio_low"] = 1200.0, cell["ratio_high"] = 1300.0;
      if (i % 7 == 1) cell["faults"] = {fmt::format("{}: too few samples, {}", kUrl, i)};
      if (i % 7 == 2) cell["traps"] = {fmt::format("{}: it sent the file itself, {}", kUrl, i)};
      if (i % 7 == 6) cell["status"] = fmt::format("{}: it refused {}", kUrl, i);
      cells.push_back(cell);
    }
  }
  return {{"reportable", false},       {"standing_cells", 3}, {"measured_cells", cells.size()},
          {"not_reportable", reasons}, {"servers", servers},  {"cells", cells},
          {"verdicts", verdicts}};
}

json LargeLoad(int many) {
  json points = json::array(), reasons = json::array(), waiting = json::array();
  for (int i = 1; i <= many; ++i) {
    const json p = {{"ms", 12345.6 * i}, {"low_ms", 12000.0 * i}, {"high_ms", 13000.0 * i}};
    points.push_back(
        {{"clients", i},
         {"answers", 123456},
         {"failed", 1234},
         {"throughput", 12345.6},
         {"latency_ms", 12345.6 * i},
         {"service_ms", 10.0},
         {"low_ms", 12000.0 * i},
         {"high_ms", 13000.0 * i},
         {"percentiles", {{"p50", p}, {"p90", p}, {"p99", p}}},
         {"not_reportable", {kUrl}},
         {"overloaded", kUrl + " answered 503"},
         {"sittings", 3},
         {"check", {{"checked", 12345}, {"wrong", 5}, {"examples", {kUrl + " is white"}}}}});
    reasons.push_back(fmt::format("{}: reason {}", kUrl, i));
    waiting.push_back(fmt::format("{} clients wait for {}", i, kUrl));
  }
  return {{"reportable", false},
          {"not_reportable", reasons},
          {"server", {{"name", kUrl}, {"version", kUrl}}},
          {"workload", {{"name", kUrl}}},
          {"alone", points[0]},
          {"knee", {{"refused", "it cannot be told: " + kUrl}}},
          {"waiting", waiting},
          {"points", points}};
}

json LargeComparison(int many) {
  json cases = json::array(), warnings = json::array(), only = json::array();
  for (int i = 0; i < many; ++i) {
    const double ratio = 0.2 + 0.5 * i;
    cases.push_back({{"name", fmt::format("{}/{}", kUrl, i)},
                     {"a_ms", 12345.6},
                     {"b_ms", 12345.6 * ratio},
                     {"ratio", ratio},
                     {"low", ratio * 0.7},
                     {"high", ratio * 1.3},
                     {"noise", 1.5},
                     {"too_few", i % 5 == 4},
                     {"change", i % 3 == 0 ? "no difference"
                                : i < 2    ? "faster"
                                           : "slower"}});
    warnings.push_back(fmt::format("B ({}): {}: {}: reason {}", kUrl, kUrl, kUrl, i));
    only.push_back(fmt::format("{}/only/{}", kUrl, i));
  }
  return {{"a", kUrl},      {"b", kUrl},         {"interleaved", false}, {"least_effect", 0.03},
          {"cases", cases}, {"only_in_a", only}, {"only_in_b", only},    {"warnings", warnings}};
}

struct AnswerOfCommand {
  const char* command;
  std::function<json(int)> measured;  // with so many of everything
  std::function<std::string(const json&, const TerminalStyle&)> answer;
  size_t added;  // lines that the command prints behind it
};

const AnswerOfCommand kAnswers[] = {
    {"attribute", LargeAttribution, AttributionAnswer, 0},
    {"study", LargeStudy, StudyAnswer, 3},  // an empty line, saved, see it
    {"load", LargeLoad, LoadAnswer, 1},     // saved
    {"compare", LargeComparison,
     [](const json& c, const TerminalStyle& style) { return CompareAnswer(c, kUrl, style); }, 0},
};

TEST(AllAnswersTest, FitATerminalWhateverWasMeasured) {
  for (const auto& one : kAnswers) {
    for (const int many : {1, 2, 3, 5, 8, 12, 20, 60, 200}) {
      const json measured = one.measured(many);
      for (const size_t columns : {60, 80, 100}) {
        SCOPED_TRACE(fmt::format("{} of {} at {} columns", one.command, many, columns));
        const std::string text = one.answer(measured, {.columns = columns});
        std::istringstream in(text);
        size_t lines = 0;
        for (std::string line; std::getline(in, line); ++lines) {
          // To be pasted, so it is whole.
          if (std::string_view(one.command) == "attribute" && line.find(kUrl) != std::string::npos)
            continue;
          EXPECT_THAT(DisplayWidth(line), Le(columns)) << line;
        }
        EXPECT_THAT(lines + one.added, Le(kTerminalLines)) << text;
        EXPECT_THAT(lines, Ge(3U)) << text;
        EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "colours were not wanted";
      }
    }
  }
}

}  // namespace
}  // namespace iiifbench
