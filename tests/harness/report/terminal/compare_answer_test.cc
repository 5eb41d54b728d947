// The default answer of a comparison: the point first, what differs before what does not, one line
// a reason, and 30 lines of 100 columns whatever is compared.
#include "harness/report/terminal/compare_answer.h"

#include <gmock/gmock.h>

#include <sstream>

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ResultOf;
using ::testing::StartsWith;

constexpr const char* kRest = "Everything: compare.json";

std::vector<std::string> CompareLines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

json ComparedOf(const std::string& name, double ratio, double half, const std::string& change) {
  return {
      {"name", name},         {"n_a", 20},         {"n_b", 20},           {"a_ms", 10.0},
      {"b_ms", 10.0 * ratio}, {"ratio", ratio},    {"low", ratio - half}, {"high", ratio + half},
      {"noise", 0.012},       {"family_p", 0.001}, {"too_few", false},    {"change", change}};
}

json ComparisonOf(const json& cases) {
  return {{"a", "old"},
          {"b", "new"},
          {"interleaved", true},
          {"least_effect", 0.03},
          {"alpha", 0.01},
          {"cases", cases},
          {"only_in_a", json::array()},
          {"only_in_b", json::array()},
          {"warnings", json::array()}};
}

TEST(CompareAnswerTest, TheLargestChangeIsTheFirstLine) {
  const auto lines = CompareLines(CompareAnswer(
      ComparisonOf(
          {ComparedOf("same", 1.9, 1.2, "no difference"), ComparedOf("tile", 1.23, 0.05, "slower"),
           ComparedOf("full", 0.5, 0.004, "faster"), ComparedOf("crop", 1.1, 0.04, "slower")}),
      kRest, {}));
  ASSERT_GE(lines.size(), 10U);
  EXPECT_EQ(lines[0],
            "B is slower in 2 and faster in 1 of 4 cases; most: full, faster by 50.0 % (95 %: "
            "49.6 to 50.4 %).");
  EXPECT_EQ(lines[1], "A: old");
  EXPECT_EQ(lines[2], "B: new");
  EXPECT_THAT(lines[5], StartsWith("full  10.0 ms  5.00 ms  -50.0 % (-50.4 to -49.6)  1.2 %  "));
  EXPECT_THAT(lines[5], EndsWith(" faster"));
  EXPECT_THAT(lines[6], StartsWith("tile  10.0 ms  12.3 ms        +23 % (+18 to +28)  1.2 %  "));
  EXPECT_THAT(lines[8], StartsWith("same")) << "however far from 1: it is no difference";
  EXPECT_EQ(lines.back(), kRest);
}

TEST(CompareAnswerTest, OneCaseSaysWhatItIs) {
  EXPECT_THAT(
      CompareAnswer(ComparisonOf(json::array({ComparedOf("tile", 2.3, 0.2, "slower")})), kRest, {}),
      StartsWith("B is slower in tile: 2.3 times as long (95 %: 2.1 to 2.5).\n"));
  EXPECT_THAT(CompareAnswer(ComparisonOf(json::array({ComparedOf("tile", 1.05, 0.01, "slower")})),
                            kRest, {}),
              StartsWith("B is slower in tile: by 5 % (95 %: 4 to 6 %).\n"));
}

TEST(CompareAnswerTest, NoDifferenceSaysWhatWouldHaveBeenSeen) {
  EXPECT_THAT(
      CompareAnswer(ComparisonOf({ComparedOf("tile", 1.01, 0.001, "no difference"),
                                  ComparedOf("crop", 1.01, 0.001, "no difference"),
                                  ComparedOf("full", 1.02, 0.2, "no difference")}),
                    kRest, {}),
      StartsWith("No difference in 3 cases; a change above 3.0 % would have been seen in half of "
                 "them, above 22 % in\n  all.\n"));
}

TEST(CompareAnswerTest, TooFewSamplesAreNoVerdict) {
  json few = ComparedOf("tile", 1.3, 0.5, "no difference");
  few["too_few"] = true;
  EXPECT_THAT(CompareAnswer(ComparisonOf(json::array({few})), kRest, {}),
              StartsWith("Nothing can be told: 1 case with too few samples."));
  const auto text =
      CompareAnswer(ComparisonOf({few, ComparedOf("crop", 1, 0.05, "no difference")}), kRest, {});
  EXPECT_THAT(text, StartsWith("No difference in 1 case; a change above 5.0 % would have been "
                               "seen. 1 case: too few"));
  EXPECT_THAT(text, Not(HasSubstr("same within 80")));
}

TEST(CompareAnswerTest, OneLineForEachReason) {
  json all = ComparisonOf(json::array({ComparedOf("tile", 1, 0.01, "no difference")}));
  all["warnings"] = {"A (old): tiff/page:map/tile: not supported",
                     "B (new): tiff/page:map/full: not supported",
                     "B (new): tile: other work: it enlarges", "B (new): frequency scaling is on",
                     "B (new): NOT REPORTABLE: our lag"};
  all["only_in_b"] = {"x", "y", "z"};
  const auto text = CompareAnswer(all, kRest, {});
  EXPECT_THAT(text, HasSubstr("\n\n- B: NOT REPORTABLE: our lag\n"));
  EXPECT_THAT(text, HasSubstr("- not compared: A and B, tiff/page:map/full and 1 more: not "
                              "supported\n"));
  EXPECT_THAT(text, HasSubstr("- B, tile: other work: it enlarges\n"));
  EXPECT_THAT(text, HasSubstr("- B: frequency scaling is on\n"));
  EXPECT_THAT(text, HasSubstr("- not compared: B, x and 2 more: only B has it\n"));
}

TEST(CompareAnswerTest, NothingInBothIsSaid) {
  json none = ComparisonOf(json::array());
  none["only_in_a"] = {"x"};
  EXPECT_THAT(CompareAnswer(none, kRest, {}), StartsWith("Nothing was compared: no case is in bo"));
}

TEST(CompareAnswerTest, ShortTimesHaveTheirUnit) {
  json quick = ComparedOf("kernel", 1, 0.01, "no difference");
  quick["a_ms"] = 0.0000123, quick["b_ms"] = 0.0451;
  const auto text = CompareAnswer(ComparisonOf(json::array({quick})), kRest, {});
  EXPECT_THAT(text, HasSubstr("12.3 ns  45.1 us"));
}

TEST(CompareAnswerTest, OverflowStaysInThirtyLinesOfAHundredColumns) {
  json cases = json::array(), all;
  for (int i = 0; i < 200; ++i) {
    cases.push_back(ComparedOf(
        "https://images.example.org/iiif/3/" + std::string(80, 'a') + "/" + std::to_string(i),
        1 + i / 10.0, 0.05, i % 2 == 0 ? "slower" : "no difference"));
  }
  all = ComparisonOf(cases);
  all["interleaved"] = false;
  all["a"] = "cd /srv && ./measure " + std::string(300, 'u');
  all["b"] = "first line\nsecond line " + std::string(300, 'w');
  for (int i = 0; i < 50; ++i) {
    all["warnings"].push_back("A (" + all["a"].get<std::string>() + "): " + std::string(120, 'n') +
                              ": reason " + std::to_string(i) + std::string(300, 'r'));
    all["only_in_b"].push_back("b" + std::to_string(i));
  }
  for (const size_t columns : {60, 100}) {
    const auto lines =
        CompareLines(CompareAnswer(all, std::string(300, '/'), {.columns = columns}));
    EXPECT_LE(lines.size(), 30U);
    EXPECT_THAT(lines, Each(ResultOf(DisplayWidth, ::testing::Le(columns))));
    EXPECT_THAT(lines[0], StartsWith("B is slower in 100 and faster in none of 200 cases; most"));
    EXPECT_THAT(lines, ::testing::Contains(HasSubstr("more cases, of which")));
    EXPECT_THAT(lines, ::testing::Contains(HasSubstr("/198 ")))
        << "the end of a long name tells it apart";
  }
}

}  // namespace
}  // namespace iiifbench
