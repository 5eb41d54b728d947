#include "harness/report/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/report/page/parts.h"
#include "kernels/image/stage.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "<script>alert('x')</script>\"&\x01";

json Cell(const std::string& server) {
  return {{"server", server},
          {"recipe", "jpeg_q90"},
          {"class", "tile"},
          {"page", "map"},
          {"path", "0,0,256,256/256,/0/default.jpg"},
          {"status", "measured"},
          {"n", 9},
          {"median_ms", 38.0},
          {"median_low_ms", 37.0},
          {"median_high_ms", 40.0},
          {"floor_ms", 20.0},
          {"ratio", 1.9},
          {"ratio_low", 1.8},
          {"ratio_high", 2.0},
          {"bytes", 19000},
          {"floor_stages", {{"decode", 17.0}, {"encode", 3.0}}},
          {"stages", json::object()},
          {"stage_source", ""}};
}

json StudyJson() {
  return {{"schema", 1},
          {"time", "2026-11-24T00:35:07Z"},
          {"commit", "abc"},
          {"command", "iiifbench study --rounds 9 --seed 1"},
          {"machine", {{"cpu", "Some CPU"}, {"cores", 2}}},
          {"libraries", {{"jpeg", "libjpeg-turbo 2.1.5"}}},
          {"reportable", true},
          {"not_reportable", json::array()},
          {"servers",
           {{{"name", "iipsrv"},
             {"title", "IIPSrv"},
             {"version", "1.1"},
             {"status", "measured"},
             {"effective", {{"workers", "1"}}}}}},
          {"cells", {Cell("iipsrv")}}};
}

json AttributionJson() {
  json stages, floor;
  for (const Stage stage : kStages) {
    stages[std::string(StageName(stage))] = {{"ms", 4.0}, {"low", 3.5}, {"high", 4.5}};
    floor[std::string(StageName(stage))] = 2.0;
  }
  return {{"schema", 1},
          {"commit", "abc"},
          {"command", "iiifbench attribute --server iipsrv"},
          {"machine", {{"cpu", "Some CPU"}}},
          {"server", {{"name", "iipsrv"}}},
          {"sentence", "p50 of a tile is 38 ms: 21 decode, 17 encode; 2 % unexplained."},
          {"findings", json::array()},
          {"refusals", {"the clock went backwards"}},
          {"requests",
           {{{"path", "0,0,256,256/256,/0/default.jpg"},
             {"measured_ms", 38.0},
             {"stages", stages},
             {"merged", json::array({json::array({"decode", "encode"})})},
             {"unexplained_ms", 6.0},
             {"methods", {{"floor", floor}, {"log", {{"decode", 12.25}, {"read", 12.25}}}}},
             {"pixels", {{"decoded", 24000000}, {"needed", 65536}, {"out", 65536}}}}}},
          {"strategy",
           {{"decode", {{"name", "full"}, {"identified", false}, {"runner_up", "rows"}, {"error", 0.02}}}}},
          {"what_ifs",
           {{{"path", "0,0,256,256/256,/0/default.jpg"},
             {"change", "store tiles"},
             {"saves_ms", 15.5},
             {"low", 14.0},
             {"high", 17.0},
             {"tried_saves_ms", 14.75}}}},
          {"disagreements", {"decode is 4.0 ms by probes, 12.2 ms by log"}}};
}

class PageTest : public ::testing::Test {
 protected:
  PageTest() { fs::create_directories(folder_); }
  ~PageTest() override { fs::remove_all(folder_); }
  void Put(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::string Html() const {
    auto run = ReadRunFiles(folder_);
    return run ? PageToHtml(*run) : "error: " + run.error().message;
  }
  // From the section's start to its end.
  std::string SectionOf(const std::string& id) const {
    const std::string html = Html();
    const size_t begin = html.find("<section id=\"" + id + "\"");
    return begin == std::string::npos ? "" : html.substr(begin, html.find("</section>", begin) - begin);
  }
  const fs::path folder_ = fs::path(::testing::TempDir()) / fmt::format("page_test_{}", ::getpid());
};

TEST_F(PageTest, ShowsTheAnswerAndEveryStage) {
  Put("study.json", StudyJson().dump());
  Put("attribution-iipsrv-jpeg_q90.json", AttributionJson().dump());
  EXPECT_THAT(SectionOf("answer"),
              AllOf(HasSubstr("IIPSrv jpeg_q90"), HasSubstr("21 decode, 17 encode; 2 % unexplained"),
                    HasSubstr("the clock went backwards")));
  const std::string stages = SectionOf("stages"), latency = SectionOf("latency");
  for (const Stage stage : kStages) {
    const std::string name(StageName(stage));
    EXPECT_THAT(stages, HasSubstr("</svg>" + name)) << "no row";
    if (stage == Stage::kDecode || stage == Stage::kEncode) continue;  // merged, drawn as their sum
    EXPECT_THAT(latency, HasSubstr(name + " 4.00 ms (95 %: 3.50 to 4.50)")) << "no part of the bar";
  }
  EXPECT_THAT(stages, AllOf(HasSubstr("4.00 <small>(3.50-4.50)"), HasSubstr("&times;2.00"),
                            HasSubstr("<b>decode + encode</b></td><td class=\"n\"><b>8.00</b>")));
  EXPECT_THAT(latency, HasSubstr("decode + encode 8.00 ms, not told apart"));
  // The floor's 24 Mpx in 2 ms: what a merged decode takes of its sum is not known, and so is its rate.
  // 256 x 256 px in 4 ms; the answer's bytes come from the study.
  EXPECT_THAT(stages, AllOf(HasSubstr(">12000<"), HasSubstr(">16<"), HasSubstr(">19.0<")));
  EXPECT_THAT(stages, Not(HasSubstr(">6000<")));
  EXPECT_THAT(SectionOf("waste"), HasSubstr("&times;366"));
  EXPECT_THAT(SectionOf("what-if"), AllOf(HasSubstr("store tiles"), HasSubstr("15.5 <small>(14.0-17.0)"),
                                          HasSubstr("<b>14.8</b>")));
  EXPECT_THAT(
      SectionOf("methods"),
      AllOf(HasSubstr("not identified"), HasSubstr("<span class=\"bad\">12.2</span>"),
            HasSubstr(">12.2</td>"),  // decode, which has no value of its own to be compared with
            HasSubstr("not told apart by probes: decode + encode 8.00"), HasSubstr("12.2 ms by log")));
  EXPECT_THAT(SectionOf("reproduce"), AllOf(HasSubstr("iiifbench study --rounds 9 --seed 1"),
                                            HasSubstr("iiifbench attribute --server iipsrv")));
  EXPECT_THAT(SectionOf("validity"),
              AllOf(HasSubstr("REPORTABLE"), HasSubstr("libjpeg-turbo 2.1.5"), HasSubstr("workers: 1")));
}

TEST_F(PageTest, NeedsNothingElse) {
  Put("study.json", StudyJson().dump());
  Put("attribution-iipsrv-jpeg_q90.json", AttributionJson().dump());
  const std::string html = Html();
  for (const char* foreign : {"<script", "src=", "<link", "@import", "url(", "http://", "https://"})
    EXPECT_THAT(html, Not(HasSubstr(foreign)));
}

// Any text of any file may be hostile; so may names of members, which become text too.
TEST_F(PageTest, EscapesWhateverComesFromFiles) {
  json study = StudyJson(), attribution = AttributionJson();
  for (json* body : {&study, &attribution}) {
    *body = body->flatten();
    for (auto& [path, value] : body->items()) {
      const bool key = path.ends_with("/name") || path.ends_with("/server") || path.ends_with("/recipe") ||
                       path.ends_with("/path") || path.ends_with("/class");
      if (value.is_string()) value = (key ? "k" : "") + std::string(kHostile);
    }
    *body = body->unflatten();
  }
  study["servers"][0]["effective"][kHostile] = kHostile;
  study["machine"][kHostile] = kHostile;
  attribution["strategy"][kHostile] = attribution["strategy"]["decode"];
  attribution["multiples"][kHostile] = {{"ms", 1}};
  attribution["requests"][0]["methods"][kHostile] = {{"decode", 1}};
  study["cells"].push_back(
      {{"server", kHostile}, {"recipe", kHostile}, {"class", kHostile}, {"status", kHostile}});
  Put("study.json", study.dump());
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  Put("a.folded", std::string(kHostile) + ";decode 5\n");
  Put("load.json", json{{"points", {{{"clients", 1}, {"latency_ms", 5}}}}}.dump());
  Put("kernels.json",
      json{{"benchmarks", {{{"name", kHostile}, {"real_time", 1}, {"time_unit", kHostile}}}}}.dump());
  const std::string html = Html();
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("alert('")), Not(HasSubstr("\x01"))));
}

TEST_F(PageTest, SaysWhatIsMissingAndWhatMakesIt) {
  Put("study.json", StudyJson().dump());
  for (const char* id : {"answer", "stages", "waste", "what-if", "methods"})
    EXPECT_THAT(SectionOf(id), HasSubstr("<code>iiifbench study --attribute</code>")) << id;
  EXPECT_THAT(SectionOf("load"), HasSubstr("load*.json"));
  EXPECT_THAT(SectionOf("flame"), HasSubstr("perf record"));
  EXPECT_THAT(SectionOf("kernels"), HasSubstr("--benchmark_out="));
  EXPECT_THAT(SectionOf("latency"), HasSubstr("not split"));
}

// Of many attributions the table comes first, each cell leads to a sentence, and from there to its details.
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
  EXPECT_THAT(answer,
              AllOf(HasSubstr("Farthest from the floor: <a href=\"#answer-loris-jpeg_q90\">"),
                    HasSubstr("10.0 times our kernels"), HasSubstr("Within 1.5 times are 1 of 2 pairs"),
                    HasSubstr("8.00 decode + encode"), HasSubstr("refusal"),
                    HasSubstr("store tiles: saves about 15.5 of 160 ms; tried: 14.8")));
  EXPECT_LT(answer.find("<table>"), answer.find("21 decode, 17 encode"));
  const std::string html = Html();
  for (const char* section : {"answer", "stages", "methods"}) {
    for (const char* server : {"iipsrv", "loris"}) {
      const std::string anchor = fmt::format("{}-{}-jpeg_q90\"", section, server);
      EXPECT_THAT(html, AllOf(HasSubstr("href=\"#" + anchor), HasSubstr("id=\"" + anchor))) << anchor;
    }
  }
}

// Two groups that share a stage are one: it is never counted twice.
TEST_F(PageTest, GroupsThatShareAStageAreOne) {
  json attribution = AttributionJson();
  attribution["about"] = attribution["requests"][0]["path"];
  attribution["requests"][0]["merged"] =
      json::array({json::array({"decode", "resize"}), json::array({"overhead", "decode"})});  // no object
  const auto parts = PartsOf(attribution["requests"][0]);
  double sum = 0;
  for (const Part& part : parts) sum += part.ms;
  EXPECT_DOUBLE_EQ(sum, 4.0 * static_cast<double>(kStageCount));
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("latency"), HasSubstr("decode + resize + overhead 12.0 ms, not told apart"));
  EXPECT_THAT(SectionOf("answer"),
              HasSubstr("decode stands in two sums there: together decode + resize + overhead"));
}

// The attribution's own run took another time than the study: its parts are parts of that.
TEST_F(PageTest, AnotherRunOfTheSameRequestIsSaidToBeOne) {
  Put("study.json", StudyJson().dump());
  json attribution = AttributionJson();
  attribution["requests"][0]["measured_ms"] = 50.0;
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("latency"),
              AllOf(HasSubstr("by probes of <span class=\"bad\">50.0 ms"), HasSubstr("unexplained 18.0 ms")));
}

TEST_F(PageTest, ManyReasonsAreFolded) {
  json study = StudyJson();
  study["reportable"] = false;
  study["not_reportable"] = json::array();
  for (int i = 0; i < 20; ++i) study["not_reportable"].push_back(fmt::format("reason {}", i));
  Put("study.json", study.dump());
  EXPECT_THAT(SectionOf("validity"), AllOf(HasSubstr("<summary>14 more</summary>"), HasSubstr("reason 19")));
}

TEST_F(PageTest, WaitingAndNetworkOfAttributionsAreShown) {
  json attribution = AttributionJson();
  attribution["network"] = {
      {"round_trip_ms", 46.5}, {"connect_ms", 46.25}, {"tls_ms", 93.5}, {"ms_per_mb", 10.0}};
  attribution["requests"][0]["loaded"] = {
      {"clients", 8},
      {"latency_ms", 140.0},
      {"stages", {{"service", {{"ms", 40.0}}}, {"wait", {{"ms", 99.5}, {"low", 95.0}, {"high", 105.0}}}}},
      {"findings", {"one worker"}},
      {"refusal", "Little's law is off by 9 %"}};
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(SectionOf("load"),
              AllOf(HasSubstr(">46.5<"), HasSubstr(">93.5<"), HasSubstr("99.5 <small>(95.0-105)"),
                    HasSubstr("one worker"), HasSubstr("Little&#39;s law is off by 9 %")));
}

TEST_F(PageTest, AnAttributionAloneIsNotReportable) {
  Put("attribution-iipsrv-jpeg_q90.json", AttributionJson().dump());
  EXPECT_THAT(Html(),
              AllOf(HasSubstr("NOT REPORTABLE: there is no study.json"), HasSubstr("resize 4.00 ms")));
}

TEST_F(PageTest, NotReportableSaysWhy) {
  json study = StudyJson();
  study["reportable"] = false;
  study["not_reportable"] = {"pages were swapped"};
  study["cells"][0]["ratio_high"] = 0.9;
  json attribution = AttributionJson();
  attribution["machine"]["cpu"] = "Other CPU";
  Put("study.json", study.dump());
  Put("attribution-iipsrv-jpeg_q90.json", attribution.dump());
  EXPECT_THAT(Html(), HasSubstr("NOT REPORTABLE: pages were swapped"));
  EXPECT_THAT(SectionOf("validity"), AllOf(HasSubstr("the floor was beaten: IIPSrv jpeg_q90 tile"),
                                           HasSubstr("another machine (Other CPU)")));
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
  EXPECT_THAT(SectionOf("load"),
              AllOf(HasSubstr("knee at 2 clients"), HasSubstr(">20.0<"), HasSubstr(">0.50<"),
                    HasSubstr(">87.5<"), HasSubstr("workload viewer"), HasSubstr("12 answers are too few"),
                    HasSubstr("31.0 [30.0 32.0]"), HasSubstr("4 clients: 20 ms of 31 ms is waiting"),
                    HasSubstr("height 187 is the floor of 187.5"), HasSubstr("b.jpg: 1x1 pixels came")));
}

// `load` alone fills a folder; its page has its reasons, and nothing about a study that was not made.
TEST_F(PageTest, AFolderOfLoadRunsOnlyIsDrawn) {
  Put("load-iipsrv.json", json{{"time", "2026-01-01T00:00:00Z"},
                               {"points", {{{"clients", 1}, {"latency_ms", 10.5}}}},
                               {"not_reportable", {"the machine swapped"}}}
                              .dump());
  EXPECT_THAT(Html(), AllOf(HasSubstr("NOT REPORTABLE: load-iipsrv.json: the machine swapped"),
                            HasSubstr("2026-01-01T00:00:00Z"), Not(HasSubstr("there is no study.json"))));
  EXPECT_THAT(SectionOf("load"), HasSubstr(">10.5<"));
  EXPECT_THAT(SectionOf("answer"), HasSubstr("p50 is 10.5 ms at 1 client"));
  // What is not there stands last, behind what is.
  EXPECT_GT(Html().find("<section id=\"stages\" class=\"empty\""), Html().find("<section id=\"validity\""));
}

TEST_F(PageTest, ALoadRunNamesItsServerItsLawAndTheKneesInterval) {
  const auto point = [](int clients, double ms) {
    return json{{"clients", clients}, {"latency_ms", ms}, {"seconds", 15.1}, {"cpu_ms_per_request", 1.25}};
  };
  const auto with = [](double value) {
    return json{{"value", value}, {"low", 0.9 * value}, {"high", 1.1 * value}};
  };
  Put("load-iipsrv-viewer.json", json{{"points", {point(1, 1), point(2, 1.5), point(4, 3), point(8, 6)}},
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
      AllOf(HasSubstr("IIPSrv, by clients"), HasSubstr("load-iipsrv-viewer.json"), HasSubstr("<b>REPORTABLE"),
            HasSubstr("connections: reuse, 15 s a point"), HasSubstr("knee: between 1.5 and 2.5"),
            HasSubstr("800 [720 880] answers per second for one client alone; 20 [18 22] % of the work"),
            HasSubstr("the points lie within 3.4 % of it"), HasSubstr(">1.25<")));
}

TEST_F(PageTest, FlameGraphTakesTheStageOfTheCaller) {
  Put("study.json", StudyJson().dump());
  Put("iipsrv.folded", "main;jpeg_read_scanlines;idct 30\nmain;jpeg_write_scanlines 10\nmain;poll 60\n");
  EXPECT_THAT(SectionOf("flame"), AllOf(HasSubstr("idct: 30.0 % (decode)"), HasSubstr("decode 30.0 %"),
                                        HasSubstr("encode 10.0 %"), HasSubstr("no stage 60.0 %")));
}

TEST_F(PageTest, KernelVariantsStandBesideOneAnother) {
  Put("study.json", StudyJson().dump());
  Put("resize.json",
      json{{"benchmarks",
            {{{"name", "resize/a/variant:naive/real_time"}, {"real_time", 4e6}, {"time_unit", "ns"}},
             {{"name", "resize/a/variant:best/real_time"}, {"real_time", 2.5}, {"time_unit", "ms"}}}}}
          .dump());
  EXPECT_THAT(SectionOf("kernels"), AllOf(HasSubstr("naive ms"), HasSubstr(">4.00<"), HasSubstr(">2.50<")));
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
  EXPECT_THAT(
      SectionOf("findings"),
      AllOf(HasSubstr("JPEG is fastest: <b class=\"bad\">does not hold</b>"), HasSubstr("loris jpeg_q90"),
            HasSubstr("<b class=\"bad\">lost</b>"), HasSubstr("the source file itself"),
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
  EXPECT_THAT(
      SectionOf("peers"),
      AllOf(HasSubstr("in 1 of 1 cases"), HasSubstr("OpenCV 4.6.0"), HasSubstr(">10.0<"),
            HasSubstr("&times;0.50 <small>(0.40-0.60)</small>"), HasSubstr("failed</span>: &lt;script")));
}

TEST_F(PageTest, DamagedFilesAreNamed) {
  const std::string good = StudyJson().dump();
  struct Damage {
    const char *file, *text, *says;
  };
  const std::string cut = good.substr(0, good.size() / 2);
  for (const Damage& damage :
       {Damage{"study.json", cut.c_str(), "cut off"}, Damage{"study.json", "[1]", "array"},
        Damage{"study.json", "{\"schema\": 2, \"cells\": []}", "schema 1"},
        Damage{"study.json", "{\"schema\": 1}", "\"cells\" is missing"},
        Damage{"study.json", "{\"schema\": 1, \"cells\": [3]}", "not an object"},
        Damage{"attribution-a-b.json", "{\"schema\": 1}", "\"requests\" is missing"},
        Damage{"attribution-a-b.json", "", "cut off"}, Damage{"p.folded", "a;b 3\nno count\n", "line 2"}}) {
    Put("study.json", good);
    Put(damage.file, damage.text);
    auto run = ReadRunFiles(folder_);
    ASSERT_FALSE(run.ok()) << damage.file << damage.text;
    EXPECT_EQ(run.error().kind, ErrorKind::kBadInput);
    EXPECT_THAT(run.error().message, AllOf(HasSubstr(damage.file), HasSubstr(damage.says)));
    fs::remove(folder_ / damage.file);
  }
}

// Members of another type are as if absent: a page with less in it, or an error; never the end of the
// program.
TEST_F(PageTest, EveryMemberMayHaveAnotherType) {
  Put("study.json", StudyJson().dump());
  Put("attribution-iipsrv-jpeg_q90.json", AttributionJson().dump());
  for (const auto& [file, body] :
       {std::pair<std::string, json>("study.json", StudyJson()),
        std::pair<std::string, json>("attribution-iipsrv-jpeg_q90.json", AttributionJson())}) {
    // Every leaf, and every member that holds others.
    std::vector<std::string> paths;
    const json leaves = body.flatten();
    for (const auto& [path, value] : leaves.items()) {
      for (size_t slash = path.size(); slash != std::string::npos && slash > 0;
           slash = path.rfind('/', slash - 1))
        paths.push_back(path.substr(0, slash));
    }
    int drawn = 0;
    for (const std::string& path : paths) {
      for (const json& wrong : {json("text"), json(-1), json::array({1}), json{{"a", 1}}, json()}) {
        json changed = body;
        changed[json::json_pointer(path)] = wrong;
        Put(file, changed.dump());
        drawn += Html().ends_with("</html>\n") ? 1 : 0;
      }
    }
    EXPECT_GT(drawn, static_cast<int>(paths.size())) << file;
    Put(file, body.dump());
  }
}

TEST_F(PageTest, AnEmptyFolderSaysWhatFillsIt) {
  auto run = ReadRunFiles(folder_);
  ASSERT_FALSE(run.ok());
  EXPECT_THAT(run.error().message, HasSubstr("iiifbench study --attribute --out " + folder_.string()));
  EXPECT_EQ(ReadRunFiles(folder_ / "nowhere").error().kind, ErrorKind::kNotFound);
}

TEST_F(PageTest, WritesTheFileWhole) {
  Put("study.json", StudyJson().dump());
  const std::string out = folder_ / "page.html";
  ASSERT_TRUE(WritePage(folder_, out).ok());
  std::ifstream in(out);
  const std::string html(std::istreambuf_iterator<char>(in), {});
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(html.ends_with("</html>\n"));
  EXPECT_FALSE(WritePage(folder_, folder_ / "nowhere" / "page.html").ok());
}

}  // namespace
}  // namespace iiifbench
