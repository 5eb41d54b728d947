// The default answer fits a terminal of 100 columns and 30 lines, however much there is to say.
#include "harness/report/terminal/attribution_answer.h"

#include <gmock/gmock.h>

#include <sstream>

#include "harness/report/attribution_report.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// As much as can be: long sentences, 20 requests, 40 findings, a command of 300 letters.
nlohmann::json Full() {
  Attribution a;
  a.url = "http://127.0.0.1:8182/iiif/2/" + std::string(20, 'x');
  for (int i = 0; i < 20; ++i) {
    RequestAttribution r{.path = fmt::format("{},0,1024,1024/1024,/0/default.jpg", 1024 * i),
                         .measured_ms = 100.0 + i,
                         .unexplained_ms = 5};
    r.stages = {{Stage::kDecode, {.ms = 60, .low = 50, .high = 70}},
                {Stage::kResize, {.ms = 20, .low = 5, .high = 40}},
                {Stage::kEncode, {.ms = 15, .low = 14, .high = 16}}};
    r.merged = {{Stage::kDecode, Stage::kResize}};
    r.floor_ms = {{Stage::kDecode, 20}, {Stage::kEncode, 10}};
    r.methods["floor"] = {{Stage::kDecode, 20}, {Stage::kEncode, 10}};
    a.requests.push_back(r);
  }
  a.about = 19;
  a.sentence = "p50 of it is long";
  for (int i = 0; i < 60; ++i) a.sentence += " and longer";
  a.what_ifs = {{.path = a.requests[19].path,
                 .change = "store the missing level of the pyramid",
                 .saves_ms = 76.6,
                 .low = 47.2,
                 .high = 105.3}};
  a.strategy = {{.stage = "decode", .name = "region/fitting", .identified = true},
                {.stage = "resize", .name = "point", .runner_up = "antialiased"}};
  a.multiples[Stage::kDecode] = {.ms = 3.1, .low = 2.9, .high = 3.3};
  for (int i = 0; i < 40; ++i)
    a.findings.push_back(
        {"pauses", fmt::format("finding number {} which has some more words to say", i)});
  for (int i = 0; i < 5; ++i) a.refusals.push_back({"no-fit", fmt::format("reason {}", i)});
  return AttributionToJson(a, Observed(),
                           "iiifbench attribute " + a.url + " --source " + std::string(40, 'y') +
                               " --budget 60 --seed 3 --requests some/file/of/requests.txt");
}

TEST(AttributionAnswerTest, FitsTheTerminal) {
  for (const size_t columns : {60, 80, 100}) {
    const auto text = AttributionAnswer(Full(), {.columns = columns});
    const auto lines = LinesOf(text);
    EXPECT_LE(lines.size(), kAnswerLines) << text;
    for (const auto& line : lines) {
      // A word of its own cannot be broken, and is pasted whole.
      if (line.find("--source") != std::string::npos || line.find("http://") != std::string::npos)
        continue;
      EXPECT_LE(DisplayWidth(line), columns) << line;
    }
  }
}

TEST(AttributionAnswerTest, SaysWhatMattersFromTheTop) {
  const auto lines = LinesOf(AttributionAnswer(Full(), {}));
  const std::string text = AttributionAnswer(Full(), {});
  EXPECT_EQ(lines.front(), "REFUSED: reason 0");
  EXPECT_THAT(text, HasSubstr("and 3 more reasons: --verbose"));
  // No digit that an interval of 58 ms does not support.
  EXPECT_THAT(text, HasSubstr("that saves about 77 of 119 ms (47 to 105)."));
  EXPECT_THAT(text, HasSubstr("faster requests: --verbose"));
  EXPECT_THAT(text, HasSubstr("decode: decodes only the region at the level that fits the answer, "
                              "3.1 times our kernel's time"));
  EXPECT_THAT(text, HasSubstr("resize: not identified"));
  EXPECT_THAT(text, HasSubstr("decode+resize (in 20 of 20 requests)"));
  EXPECT_THAT(text, HasSubstr("--place FOLDER"));
  EXPECT_THAT(text, HasSubstr("more findings, and the whole of each: --verbose"));
  EXPECT_THAT(text, HasSubstr("Found: finding number 1 "));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(AttributionAnswerTest, ARunWithoutRequestsSaysWhy) {
  Attribution a;
  a.refusals = {{"wrong-answers", "every answer was wrong"}};
  a.findings = {{"requests-failed", "status 502 came 40 times"}};
  const auto text = AttributionAnswer(AttributionToJson(a, Observed(), "iiifbench attribute"), {});
  EXPECT_EQ(text, "REFUSED: every answer was wrong\n\nFound: status 502 came 40 times\n");
}

}  // namespace
}  // namespace iiifbench
