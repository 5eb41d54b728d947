#include "harness/report/study/founding_verdicts.h"

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
  const json study = {{"cells",
                       {Cell("cantaloupe", "jpeg_q90", "full-size", 100),
                        Cell("loris", "jpeg_q90", "full-size", 200),
                        Cell("reference", "jpeg_q90", "full-size", 50)}}};
  const auto stages = [](const char* server, double decode) {
    return json{
        {"server", {{"name", server}, {"version", "1"}}},
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
        Cell("cantaloupe", "jpeg_q90", "full", 40),
        Cell("cantaloupe", "tiff_deflate", "crop", 20)}}};
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
  EXPECT_EQ(verdicts[1]["left_out"][0],
            "cantaloupe jpeg_q90 full: the source file itself was sent");
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

json Attributed(const char* server, const json& stages, const json& merged = json::array(),
                double unexplained = 0) {
  json request = {{"path", "full-size"}, {"stages", json::object()}, {"merged", merged}};
  double sum = unexplained;
  for (const auto& [name, ms] : stages.items()) {
    const double middle = ms.is_array() ? ms[1].get<double>() : ms.get<double>();
    request["stages"][name] = {{"ms", middle}};
    if (ms.is_array())
      request["stages"][name]["low"] = ms[0], request["stages"][name]["high"] = ms[2];
    sum += middle;
  }
  request["measured_ms"] = sum, request["unexplained_ms"] = unexplained;
  return {{"server", {{"name", server}}}, {"recipe", "jpeg_q90"}, {"requests", {request}}};
}

json TwoServers(const char* link = "loopback", double champion = 100, double rival = 200) {
  json cells = json::array({Cell("cantaloupe", "jpeg_q90", "full-size", champion),
                            Cell("loris", "jpeg_q90", "full-size", rival)});
  for (json& cell : cells) cell["link"] = link;
  return {{"cells", cells}};
}

TEST(DecidingStageTest, StagesThatAreMergedDecideTogetherByTheirSum) {
  const json verdicts = FoundingVerdicts(
      TwoServers(), {Attributed("cantaloupe", {{"decode", 60}, {"resize", 10}, {"encode", 30}}),
                     Attributed("loris", {{"decode", 90}, {"resize", 80}, {"encode", 30}},
                                json::array({json::array({"decode", "resize"})}))});
  const json& contest = verdicts[1]["contests"][0];
  EXPECT_EQ(contest["deciding"], "decode+resize together");
  EXPECT_EQ(contest["stage"], "decode+resize together (70.0 against 170.0 ms in sum)");
  EXPECT_EQ(verdicts[1]["decided_by"]["decode+resize together"], 1);
  EXPECT_NE(
      verdicts[1]["why"].get<std::string>().find(
          "decided by decode+resize together in 1 (together: by the sum of these stages, which the "
          "data do not tell apart)"),
      std::string::npos);
  // What differs most is told, though another stage is merged.
  const json other = FoundingVerdicts(
      TwoServers(), {Attributed("cantaloupe", {{"decode", 60}, {"resize", 10}, {"encode", 30}}),
                     Attributed("loris", {{"decode", 60}, {"resize", 15}, {"encode", 125}},
                                json::array({json::array({"decode", "resize"})}))});
  EXPECT_EQ(other[1]["contests"][0]["stage"], "encode (30.0 against 125.0 ms)");
  EXPECT_EQ(other[1]["decided_by"]["encode"], 1);
}

TEST(DecidingStageTest, IntervalsThatOverlapAndRestsThatAreLargerAreSaid) {
  const json overlap = FoundingVerdicts(
      TwoServers(), {Attributed("cantaloupe", {{"decode", {50, 90, 160}}, {"encode", 10}}),
                     Attributed("loris", {{"decode", {150, 190, 200}}, {"encode", 10}})});
  EXPECT_EQ(overlap[1]["contests"][0]["stage"],
            "stage cannot be told: intervals overlap in decode (90.0 against 190.0 ms)");
  const json rest =
      FoundingVerdicts(TwoServers(), {Attributed("cantaloupe", {{"decode", 90}}),
                                      Attributed("loris", {{"decode", 100}}, json::array(), 100)});
  EXPECT_EQ(rest[1]["contests"][0]["stage"],
            "stage cannot be told: what differs most is unexplained (0.0 against 100.0 ms)");
  EXPECT_EQ(rest[1]["decided_by"]["cannot be told"], 1);
  EXPECT_NE(rest[1]["why"].get<std::string>().find("; which stage decides cannot be told in 1"),
            std::string::npos);
  const json one = FoundingVerdicts(TwoServers(), {Attributed("cantaloupe", {{"decode", 90}})});
  EXPECT_EQ(one[1]["contests"][0]["stage"],
            "stage cannot be told: loris jpeg_q90 was not attributed for this request");
  EXPECT_EQ(FoundingVerdicts(TwoServers())[1]["contests"][0]["stage"], "");
}

TEST(DecidingStageTest, OverALinkWhatIsAboveLoopbackIsTheNetworks) {
  // On loopback 100 and 110 ms; the second sends a body that needs more round trips.
  const json verdicts = FoundingVerdicts(
      TwoServers("46 ms", 200, 700), {Attributed("cantaloupe", {{"decode", 99}, {"network", 1}}),
                                      Attributed("loris", {{"decode", 108}, {"network", 2}})});
  EXPECT_EQ(verdicts[1]["contests"][0]["stage"], "network (101.0 against 592.0 ms)");
}

TEST(DriftTest, AContestOfARowThatDriftsIsNotCountedAndAVerdictThatHangsOnItIsAReason) {
  json study = {{"reportable", true}, {"not_reportable", json::array()}, {"cells", json::array()}};
  for (const char* recipe : {"jpeg_q90", "tiff_deflate", "jp2_lossless"}) {
    study["cells"].push_back(Cell("cantaloupe", recipe, "full-size", 100));
    study["cells"].push_back(Cell("loris", recipe, "full-size", 200));
  }
  study["cells"][1]["drift_confirmed"] = true;
  PutFoundingVerdicts(study, {});
  // Two of three are won whatever the third is, unless it would be lost.
  EXPECT_EQ(study["verdicts"][1]["verdict"], "holds");
  EXPECT_EQ(study["verdicts"][1]["contests"].size(), 3U);
  EXPECT_EQ(study["verdicts"][1]["why"],
            "won 2, lost 0, open 0 of 3 contests, 1 not counted because a row of them drifts");
  EXPECT_FALSE(study["reportable"]);
  PutFoundingVerdicts(study, {});
  EXPECT_EQ(
      study["not_reportable"],
      json(
          {"the verdict on \"Cantaloupe is the fastest server for full-size images\" hangs on rows "
           "that drift"}));
  EXPECT_EQ(study["not_reportable_ids"], json({"verdict-hangs-on-drift"}));
  // Lost in two of three: the third changes nothing.
  for (json& cell : study["cells"])
    cell["server"] = cell["server"] == "loris" ? "cantaloupe" : "loris";
  study["reportable"] = true, study["not_reportable"] = json::array();
  PutFoundingVerdicts(study, {});
  EXPECT_EQ(study["verdicts"][1]["verdict"], "does not hold");
  EXPECT_TRUE(study["reportable"]);
}

}  // namespace
}  // namespace iiifbench
