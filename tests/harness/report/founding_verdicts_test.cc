#include "harness/report/founding_verdicts.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using nlohmann::json;

json Cell(const char* server, const char* recipe, const char* request_class, double ms,
          json traps = json::array(), double spread = 0.02) {
  return {{"server", server},
          {"recipe", recipe},
          {"class", request_class},
          {"path", request_class},
          {"link", "loopback"},
          {"median_ms", ms},
          {"median_low_ms", ms * (1 - spread)},
          {"median_high_ms", ms * (1 + spread)},
          {"traps", traps}};
}

TEST(FoundingVerdictsTest, HoldsWhenWonEverywhereAndSaysWhichStageDecides) {
  const json study = {
      {"cells",
       {Cell("cantaloupe", "jpeg_q90", "full-size", 100), Cell("loris", "jpeg_q90", "full-size", 200),
        Cell("reference", "jpeg_q90", "full-size", 50)}}};
  const auto stages = [](const char* server, double decode) {
    return json{{"server", {{"name", server}, {"version", "1"}}},
                {"recipe", "jpeg_q90"},
                {"requests", {{{"path", "full-size"}, {"stages", {{"decode", {{"ms", decode}}}}}}}}};
  };
  const json verdicts = FoundingVerdicts(study, {stages("cantaloupe", 60), stages("loris", 150)});
  EXPECT_EQ(verdicts[1]["verdict"], "holds");
  ASSERT_EQ(verdicts[1]["contests"].size(), 1u);
  EXPECT_EQ(verdicts[1]["contests"][0]["rival"], "loris jpeg_q90");
  EXPECT_EQ(verdicts[1]["contests"][0]["stage"], "decode (60.0 against 150.0 ms)");
  EXPECT_EQ(verdicts[2]["verdict"], "cannot tell here");  // nobody was asked for crops
}

TEST(FoundingVerdictsTest, DoesNotHoldWhenLost) {
  const json study = {
      {"cells",
       {Cell("loris", "jpeg_q90", "crop", 90), Cell("iipsrv", "tiff_deflate", "crop", 10),
        Cell("cantaloupe", "jpeg_q90", "crop", 40), Cell("loris", "jpeg_q90", "full", 90),
        Cell("cantaloupe", "jpeg_q90", "full", 40), Cell("cantaloupe", "tiff_deflate", "crop", 20)}}};
  const json verdicts = FoundingVerdicts(study);
  EXPECT_EQ(verdicts[2]["verdict"], "does not hold");
  EXPECT_EQ(verdicts[2]["contests"].size(),
            2u);  // within a file type: IIPSrv's TIFF is no rival of Loris' JPEG
  EXPECT_EQ(verdicts[0]["verdict"], "does not hold");
}

TEST(FoundingVerdictsTest, OverlappingIntervalsAreOpen) {
  const json study = {{"cells",
                       {Cell("cantaloupe", "jpeg_q90", "full-size", 100, json::array(), 0.3),
                        Cell("loris", "jpeg_q90", "full-size", 120, json::array(), 0.3)}}};
  EXPECT_EQ(FoundingVerdicts(study)[1]["verdict"], "cannot tell here");
}

TEST(FoundingVerdictsTest, OtherWorkIsNamedAndNotRanked) {
  const json study = {
      {"cells",
       {Cell("cantaloupe", "jpeg_q90", "full-size", 3, {"the source file itself was sent"}),
        Cell("loris", "jpeg_q90", "full-size", 200), Cell("rais", "jpeg_q90", "full-size", 100)}}};
  const json verdicts = FoundingVerdicts(study);
  EXPECT_EQ(verdicts[1]["verdict"], "cannot tell here");
  EXPECT_EQ(verdicts[1]["left_out"][0], "cantaloupe jpeg_q90 full: the source file itself was sent");
  EXPECT_NE(FoundingVerdictsToMarkdown(verdicts).find("Left out"), std::string::npos);
}

TEST(FoundingVerdictsTest, RoundsOfOneTurnArePairsSoASharedDriftDoesNotHideTheWinner) {
  json champion = Cell("cantaloupe", "jpeg_q90", "full-size-cropped", 100, json::array(), 0.5),
       rival = Cell("loris", "jpeg_q90", "full-size-cropped", 110, json::array(), 0.5);
  for (int round = 0; round < 8; ++round) {
    const double machine = 60 + 10 * round;
    for (json* cell : {&champion, &rival}) (*cell)["raw"]["round"].push_back(round);
    champion["raw"]["total_ms"].push_back(machine);
    rival["raw"]["total_ms"].push_back(1.1 * machine + 0.1 * (round % 2));
  }
  const json paired = FoundingVerdicts({{"cells", {champion, rival}}});
  ASSERT_EQ(paired[1]["contests"].size(), 1u);
  EXPECT_EQ(paired[1]["contests"][0]["operation"], "full less a column");
  EXPECT_EQ(paired[1]["contests"][0]["outcome"], "won");
  EXPECT_NEAR(paired[1]["contests"][0]["paired"][0].get<double>(), 1.1, 0.01);
  champion.erase("raw");
  const json apart = FoundingVerdicts({{"cells", {champion, rival}}});
  EXPECT_EQ(apart[1]["contests"][0]["outcome"], "open");
}

}  // namespace
}  // namespace iiifbench
