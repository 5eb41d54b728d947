// The page as a whole: it stands alone, escapes what it shows, and says what is missing or damaged.
#include <iterator>

#include "tests/harness/report/page/page_fixture.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(PageTest, ShowsTheAnswerAndEveryStage) {
  Put("study.json", StudyJson().dump());
  Put("attribution-iipsrv-jpeg_q90.json", AttributionJson().dump());
  EXPECT_THAT(SectionOf("answer"), AllOf(HasSubstr("IIPSrv jpeg_q90"),
                                         HasSubstr("21 decode, 17 encode; 2 % unexplained"),
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
  // The floor's 24 Mpx in 2 ms: what a merged decode takes of its sum is not known, and so is its
  // rate. 256 x 256 px in 4 ms; the answer's bytes come from the study.
  EXPECT_THAT(stages, AllOf(HasSubstr(">12000<"), HasSubstr(">16<"), HasSubstr(">19.0<")));
  EXPECT_THAT(stages, Not(HasSubstr(">6000<")));
  EXPECT_THAT(SectionOf("waste"), HasSubstr("&times;366"));
  EXPECT_THAT(SectionOf("what-if"),
              AllOf(HasSubstr("store tiles"), HasSubstr("15.5 <small>(14.0-17.0)"),
                    HasSubstr("<b>14.8</b>")));
  EXPECT_THAT(
      SectionOf("methods"),
      AllOf(HasSubstr("not identified"), HasSubstr("<span class=\"bad\">12.2</span>"),
            HasSubstr(">12.2</td>"),  // decode, which has no value of its own to be compared with
            HasSubstr("not told apart by probes: decode + encode 8.00"),
            HasSubstr("12.2 ms by log")));
  EXPECT_THAT(SectionOf("reproduce"), AllOf(HasSubstr("iiifbench study --rounds 9 --seed 1"),
                                            HasSubstr("iiifbench attribute --server iipsrv")));
  EXPECT_THAT(
      SectionOf("validity"),
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
      const bool key = path.ends_with("/name") || path.ends_with("/server") ||
                       path.ends_with("/recipe") || path.ends_with("/path") ||
                       path.ends_with("/class");
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
      json{{"benchmarks", {{{"name", kHostile}, {"real_time", 1}, {"time_unit", kHostile}}}}}
          .dump());
  const std::string html = Html();
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
  EXPECT_THAT(html,
              AllOf(Not(HasSubstr("<script")), Not(HasSubstr("alert('")), Not(HasSubstr("\x01"))));
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
        Damage{"attribution-a-b.json", "", "cut off"},
        Damage{"p.folded", "a;b 3\nno count\n", "line 2"}}) {
    Put("study.json", good);
    Put(damage.file, damage.text);
    auto run = ReadRunFiles(folder_);
    ASSERT_FALSE(run.ok()) << damage.file << damage.text;
    EXPECT_EQ(run.error().kind, ErrorKind::kBadInput);
    EXPECT_THAT(run.error().message, AllOf(HasSubstr(damage.file), HasSubstr(damage.says)));
    fs::remove(folder_ / damage.file);
  }
}

// Members of another type are as if absent: a page with less in it, or an error; never the end of
// the program.
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
  EXPECT_THAT(run.error().message,
              HasSubstr("iiifbench study --attribute --out " + folder_.string()));
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

// The page stays below 2 MB whatever the run, and says what it does not draw.
TEST_F(PageTest, DrawsAPartOfManyCellsAndOfManyImages) {
  json study = StudyJson();
  const json cell = study["cells"][0];
  for (int i = 0; i < 5000; ++i) {
    study["cells"].push_back(cell);
    study["cells"].back()["page"] = fmt::format("page{}", i);
  }
  Put("study.json", study.dump());
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += AttributionJson().dump() + "\n";
  Put("attributions.jsonl", lines);
  Put("attribution-images.json", "not read where the lines are");
  const std::string html = Html();
  EXPECT_LT(html.size(), 2'000'000u);
  EXPECT_THAT(html, AllOf(HasSubstr(" more cells stand in study.md"),
                          HasSubstr("The first 20 attributions are drawn; 280 more")));
}

}  // namespace
}  // namespace iiifbench
