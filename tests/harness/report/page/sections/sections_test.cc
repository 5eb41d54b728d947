// What each section shows.
#include "harness/report/page/parts.h"
#include "tests/harness/report/page/page_fixture.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Of many attributions the table comes first, each cell leads to a sentence, and from there to its
// details.
TEST_F(PageTest, ManyAttributionsBeginWithATableThatLeadsOn) {
  json far = AttributionJson();
  far["server"]["name"] = "loris";
  far["requests"][0]["measured_ms"] = 160.0;  // 10 times the floor
  json near = AttributionJson();
  near["requests"][0]["measured_ms"] = 20.0;
  near["refusals"] = json::array();
  Put("attribution-iipsrv-jpeg_q90.json", near.dump());
  Put("attribution-loris-jpeg_q90.json", far.dump());
  const std::string answer = SectionOf("answer");
  EXPECT_THAT(
      answer,
      AllOf(HasSubstr("Farthest from the floor: <a href=\"#answer-loris-jpeg_q90\">"),
            HasSubstr("10.0 times our kernels"), HasSubstr("Within 1.5 times are 1 of 2 pairs"),
            HasSubstr("8.00 decode + encode"), HasSubstr("refusal"),
            HasSubstr("store tiles: saves about 15.5 of 160 ms; tried: 14.8")));
  EXPECT_LT(answer.find("<table>"), answer.find("21 decode, 17 encode"));
  const std::string html = Html();
  for (const char* section : {"answer", "stages", "methods"}) {
    for (const char* server : {"iipsrv", "loris"}) {
      const std::string anchor = fmt::format("{}-{}-jpeg_q90\"", section, server);
      EXPECT_THAT(html, AllOf(HasSubstr("href=\"#" + anchor), HasSubstr("id=\"" + anchor)))
          << anchor;
    }
  }
}

// Two clients wait longer than one: a share is of what was tried, not of a request alone.
TEST_F(PageTest, ASavingUnderLoadIsOfTheLatencyUnderLoad) {
  json attribution = AttributionJson();
  json& change = attribution["what_ifs"][0];
  attribution["requests"][0]["measured_ms"] = 40.0,
  attribution["requests"][0]["path"] = change["path"];
  change["saves_ms"] = 48.0, change["low"] = 36.0, change["high"] = 50.0;
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("what-if"), HasSubstr("120 %: more than there is"));
  attribution["what_ifs"][0]["tried_before_ms"] = 96.0;
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("what-if"), AllOf(HasSubstr("50 %"), Not(HasSubstr("more than there is"))));
  EXPECT_THAT(SectionOf("answer"), HasSubstr("saves about 48.0 of 96.0 ms"));
}

// Two groups that share a stage are one: it is never counted twice.
TEST_F(PageTest, GroupsThatShareAStageAreOne) {
  json attribution = AttributionJson();
  attribution["about"] = attribution["requests"][0]["path"];
  attribution["requests"][0]["merged"] = json::array(
      {json::array({"decode", "resize"}), json::array({"overhead", "decode"})});  // no object
  const auto parts = PartsOf(attribution["requests"][0]);
  double sum = 0;
  for (const Part& part : parts) sum += part.ms;
  EXPECT_DOUBLE_EQ(sum, 4.0 * static_cast<double>(kStageCount));
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("latency"),
              HasSubstr("decode + resize + overhead 12.0 ms, not told apart"));
  EXPECT_THAT(SectionOf("answer"),
              HasSubstr("decode stands in two sums there: together decode + resize + overhead"));
}

// The attribution's own run took another time than the study: its parts are parts of that.
TEST_F(PageTest, AnotherRunOfTheSameRequestIsSaidToBeOne) {
  Put("study.json", StudyJson().dump());
  json attribution = AttributionJson();
  attribution["requests"][0]["measured_ms"] = 50.0;
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("latency"), AllOf(HasSubstr("by probes of <span class=\"bad\">50.0 ms"),
                                          HasSubstr("unexplained 18.0 ms")));
}

TEST_F(PageTest, ManyReasonsAreFolded) {
  json study = StudyJson();
  study["reportable"] = false;
  study["not_reportable"] = json::array();
  for (int i = 0; i < 20; ++i) study["not_reportable"].push_back(fmt::format("reason {}", i));
  Put("study.json", study.dump());
  EXPECT_THAT(SectionOf("validity"),
              AllOf(HasSubstr("<summary>14 more</summary>"), HasSubstr("reason 19")));
}

TEST_F(PageTest, WaitingAndNetworkOfAttributionsAreShown) {
  json attribution = AttributionJson();
  attribution["network"] = {
      {"round_trip_ms", 46.5}, {"connect_ms", 46.25}, {"tls_ms", 93.5}, {"ms_per_mb", 10.0}};
  attribution["requests"][0]["loaded"] = {
      {"clients", 8},
      {"latency_ms", 140.0},
      {"stages",
       {{"service", {{"ms", 40.0}}}, {"wait", {{"ms", 99.5}, {"low", 95.0}, {"high", 105.0}}}}},
      {"findings", {"one worker"}},
      {"refusal", "Little's law is off by 9 %"}};
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("load"),
              AllOf(HasSubstr(">46.5<"), HasSubstr(">93.5<"), HasSubstr("99.5 <small>(95.0-105)"),
                    HasSubstr("one worker"), HasSubstr("Little&#39;s law is off by 9 %")));
}

TEST_F(PageTest, AnAttributionAloneIsNotReportable) {
  Put("attribution-iipsrv-jpeg_q90.json", AttributionJson().dump());
  EXPECT_THAT(Html(), AllOf(HasSubstr("NOT REPORTABLE: "), HasSubstr(">no-study<"),
                            HasSubstr("resize 4.00 ms")));
}

TEST_F(PageTest, NotReportableSaysWhy) {
  json study = StudyJson();
  study["reportable"] = false;
  study["not_reportable"] = {"pages were swapped"};
  study["not_reportable_ids"] = {"machine-swapped"};
  study["cells"][0]["ratio_high"] = 0.9;
  json attribution = AttributionJson();
  attribution["machine"]["cpu"] = "Other CPU";
  Put("study.json", study.dump());
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(Html(), HasSubstr("NOT REPORTABLE: pages were swapped"));
  EXPECT_THAT(
      SectionOf("validity"),
      AllOf(HasSubstr("IIPSrv jpeg_q90 tile"), HasSubstr(">machine-swapped<"),
            HasSubstr(">floor-beaten<"), HasSubstr(">other-machine<"), HasSubstr("Other CPU")));
  EXPECT_THAT(SectionOf("latency"), HasSubstr("FLOOR BEATEN"));
}

TEST_F(PageTest, LoadCurveSplitsWaitingAndShowsTheKnee) {
  Put("study.json", StudyJson().dump());
  Put("load-iipsrv.json", json{{"points",
                                {{{"clients", 4},
                                  {"latency_ms", 31.0},
                                  {"service_ms", 11.0},
                                  {"low_ms", 30.0},
                                  {"high_ms", 32.0},
                                  {"check",
                                   {{"roundings", {"a.jpg: height 187 is the floor of 187.5"}},
                                    {"examples", {"b.jpg: 1x1 pixels came"}}}},
                                  {"percentiles", {{"p99", {{"ms", 87.5}}}}}},
                                 {{"clients", 1}, {"latency_ms", 10.5}, {"service_ms", 10.0}}}},
                               {"workload", {{"name", "viewer"}}},
                               {"not_reportable", {"12 answers are too few"}},
                               {"waiting", {"4 clients: 20 ms of 31 ms is waiting"}},
                               {"knee", {{"clients", 2}}}}
                              .dump());
  EXPECT_THAT(
      SectionOf("load"),
      AllOf(HasSubstr("knee at 2 clients"), HasSubstr(">20.0<"), HasSubstr(">0.50<"),
            HasSubstr(">87.5<"), HasSubstr("workload viewer"), HasSubstr("12 answers are too few"),
            HasSubstr("31.0 [30.0 32.0]"), HasSubstr("4 clients: 20 ms of 31 ms is waiting"),
            HasSubstr("height 187 is the floor of 187.5"), HasSubstr("b.jpg: 1x1 pixels came")));
}

// `load` alone fills a folder; its page has its reasons, and nothing about a study that was not
// made.
TEST_F(PageTest, AFolderOfLoadRunsOnlyIsDrawn) {
  Put("load-iipsrv.json", json{{"time", "2026-01-01T00:00:00Z"},
                               {"points", {{{"clients", 1}, {"latency_ms", 10.5}}}},
                               {"not_reportable", {"the machine swapped"}}}
                              .dump());
  EXPECT_THAT(Html(),
              AllOf(HasSubstr("NOT REPORTABLE: load-iipsrv.json: the machine swapped"),
                    HasSubstr("2026-01-01T00:00:00Z"), Not(HasSubstr("there is no study.json"))));
  EXPECT_THAT(SectionOf("load"), HasSubstr(">10.5<"));
  EXPECT_THAT(SectionOf("answer"), HasSubstr("p50 is 10.5 ms at 1 client"));
  // What is not there stands last, behind what is.
  EXPECT_GT(Html().find("<section id=\"stages\" class=\"empty\""),
            Html().find("<section id=\"validity\""));
}

TEST_F(PageTest, ALoadRunNamesItsServerItsLawAndTheKneesInterval) {
  const auto point = [](int clients, double ms) {
    return json{
        {"clients", clients}, {"latency_ms", ms}, {"seconds", 15.1}, {"cpu_ms_per_request", 1.25}};
  };
  const auto with = [](double value) {
    return json{{"value", value}, {"low", 0.9 * value}, {"high", 1.1 * value}};
  };
  Put("load-iipsrv-viewer.json",
      json{{"points", {point(1, 1), point(2, 1.5), point(4, 3), point(8, 6)}},
           {"server", {{"name", "IIPSrv"}}},
           {"connections", "reuse"},
           {"reportable", true},
           {"not_reportable", json::array()},
           {"scalability",
            {{"lambda_per_second", with(800)},
             {"sigma", with(0.2)},
             {"kappa", with(0.01)},
             {"worst_residual", 0.034}}},
           {"knee", {{"clients", 2}, {"low", 1.5}, {"high", 2.5}}}}
          .dump());
  EXPECT_THAT(
      SectionOf("load"),
      AllOf(HasSubstr("IIPSrv, by clients"), HasSubstr("load-iipsrv-viewer.json"),
            HasSubstr("<b>REPORTABLE"), HasSubstr("connections: reuse, 15 s a point"),
            HasSubstr("knee: between 1.5 and 2.5"),
            HasSubstr(
                "800 [720 880] answers per second for one client alone; 20 [18 22] % of the work"),
            HasSubstr("the points lie within 3.4 % of it"), HasSubstr(">1.25<")));
}

TEST_F(PageTest, FlameGraphTakesTheStageOfTheCaller) {
  Put("study.json", StudyJson().dump());
  Put("iipsrv.folded",
      "main;jpeg_read_scanlines;idct 30\nmain;jpeg_write_scanlines 10\nmain;poll 60\n");
  EXPECT_THAT(SectionOf("flame"),
              AllOf(HasSubstr("idct: 30.0 % (decode)"), HasSubstr("decode 30.0 %"),
                    HasSubstr("encode 10.0 %"), HasSubstr("no stage 60.0 %")));
}

TEST_F(PageTest, KernelVariantsStandBesideOneAnother) {
  Put("study.json", StudyJson().dump());
  Put("resize.json",
      json{
          {"benchmarks",
           {{{"name", "resize/a/variant:naive/real_time"}, {"real_time", 4e6}, {"time_unit", "ns"}},
            {{"name", "resize/a/variant:best/real_time"},
             {"real_time", 2.5},
             {"time_unit", "ms"}}}}}
          .dump());
  EXPECT_THAT(SectionOf("kernels"),
              AllOf(HasSubstr("naive ms"), HasSubstr(">4.00<"), HasSubstr(">2.50<")));
}

TEST_F(PageTest, FindingsHaveTheirContestsAndALinkStandsApart) {
  json study = StudyJson(), far = Cell("iipsrv");
  far["link"] = "46 ms";
  far["median_ms"] = 130.5;
  study["cells"].push_back(far);
  study["verdicts"] = {{{"finding", "JPEG is fastest"},
                        {"verdict", "does not hold"},
                        {"why", "won 0, lost 1, open 0 of 1 contests"},
                        {"contests",
                         {{{"link", "loopback"},
                           {"operation", "crop"},
                           {"champion", "loris jpeg_q90"},
                           {"champion_ms", 50.0},
                           {"rival", "iipsrv tiff_deflate"},
                           {"rival_ms", 10.0},
                           {"ratio", 0.2},
                           {"outcome", "lost"},
                           {"stage", "decode"}}}},
                        {"left_out", {"cantaloupe full: the source file itself"}}}};
  Put("study.json", study.dump());
  EXPECT_THAT(SectionOf("findings"),
              AllOf(HasSubstr("JPEG is fastest: <b class=\"bad\">does not hold</b>"),
                    HasSubstr("loris jpeg_q90"), HasSubstr("<b class=\"bad\">lost</b>"),
                    HasSubstr("the source file itself"),
                    HasSubstr(">92.5<")));  // 130.5 over the link, 38 without
  EXPECT_THAT(SectionOf("latency"), Not(HasSubstr("130")));
}

TEST_F(PageTest, PeersStandBesideOurKernels) {
  Put("study.json", StudyJson().dump());
  Put("peers.json", json{{"versions", {{"OpenCV", "OpenCV 4.6.0"}, {"Grok", ""}}},
                         {"cases",
                          {{{"name", "resize/a"},
                            {"floor", "broken by OpenCV"},
                            {"rows",
                             {{{"label", "ours"}, {"milliseconds", {9, 10, 30}}},
                              {{"label", "OpenCV"},
                               {"milliseconds", {5, 5, 5}},
                               {"ratio", {{"median", 0.5}, {"low", 0.4}, {"high", 0.6}}}},
                              {{"label", "Pillow"}, {"failed", kHostile}}}}}}}}
                        .dump());
  EXPECT_THAT(SectionOf("peers"),
              AllOf(HasSubstr("in 1 of 1 cases"), HasSubstr("OpenCV 4.6.0"), HasSubstr(">10.0<"),
                    HasSubstr("&times;0.50 <small>(0.40-0.60)</small>"),
                    HasSubstr("failed</span>: &lt;script")));
}

}  // namespace
}  // namespace iiifbench
