// A profile of files whose recipes and damage are known: rows, resuming, shards, a worker that
// dies.
#include "harness/archive/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <iterator>
#include <thread>

#include "harness/archive/file_list.h"
#include "harness/archive/row_file.h"
#include "harness/archive/worker.h"
#include "tests/harness/archive/archive_folder.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string Text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Row> Rows(const std::string& path) {
  std::vector<Row> rows;
  RowReader reader(path);
  for (;;) {
    auto row = reader.Next();
    EXPECT_TRUE(row);
    if (!row || !*row) return rows;
    rows.push_back(std::move(**row));
  }
}

class ProfileTest : public ::testing::Test {
 protected:
  void Fill() {
    const auto jpeg = folder_.Encoded("jpeg_q90", {320, 200});
    const auto jp2 = folder_.Encoded("jp2_lossless_tiled", {320, 200});
    const auto tiff = folder_.Encoded("tiff_deflate", {700, 600});
    for (int i = 0; i < 6; ++i) folder_.Write(fmt::format("a/{}.jpg", i), jpeg);
    folder_.Write("p.jpg", folder_.Encoded("jpeg_q90_progressive", {320, 200}));
    folder_.Write("b/x.jp2", jp2);
    folder_.Write("b/y.tif", tiff);
    folder_.Write("b/cut.tif", tiff, tiff.size() / 2);
    folder_.Write("b/cut.jp2", jp2, jp2.size() / 2);
    folder_.Write("empty.jpg", {});
    folder_.Write("noise.jp2", {1, 2, 3, 4, 5, 6, 7, 8});
    folder_.Write("mets.xml", {'<', 'm', '>'});
    folder_.Write("latin-\xe4.jpg", jpeg);
  }
  ProfileOptions Options(const std::string& out) {
    return {.what = folder_.in(),
            .out = folder_.path(out),
            .repeat = 1,
            .recipes = {"tiff_jpeg"},
            .version = "v",
            .machine = "m"};
  }
  ArchiveFolder folder_;
};

TEST_F(ProfileTest, BadFilesAreRows) {
  Fill();
  const auto summary = ProfileArchive(Options("out"));
  ASSERT_TRUE(summary) << summary.error().message;
  const Row& files = (*summary)["files"];
  EXPECT_EQ(files["listed"], 15);
  EXPECT_EQ(files["not_images"], 1);
  EXPECT_EQ(files["damaged"], 4);
  EXPECT_EQ(files["unsupported"], 0);
  EXPECT_EQ((*summary)["damage"]["damaged"]["files"].get<int>(), 4) << summary->dump(1);
  EXPECT_EQ((*summary)["fields"]["format"]["jpeg"], 8);
  EXPECT_EQ((*summary)["fields"]["progressive"]["yes"], 1);
  EXPECT_EQ((*summary)["fields"]["sampling"]["4:2:0"], 8);
  EXPECT_EQ((*summary)["fields"]["plt"]["yes"], 2);  // the cut one's header is whole
  int costs = 0;
  for (const Row& row : Rows(folder_.path("out/costs.jsonl"))) {
    costs += row.contains("tile_us");
    EXPECT_GT(row.value("level_us", int64_t{1}), 0);
  }
  EXPECT_EQ(costs, 10);
  EXPECT_GT((*summary)["serving"]["cpu_seconds_per_1000_views"]["value"].get<double>(), 0);
  EXPECT_FALSE((*summary)["reencoding"].empty());
  EXPECT_THAT(ProfileToText(*summary), HasSubstr("processor seconds per 1,000 views"));
}

// Of the names, so that times do not matter.
std::vector<std::string> Names(const std::string& path) {
  std::vector<std::string> names;
  for (const Row& row : Rows(path)) names.push_back(row["file"]);
  std::ranges::sort(names);
  return names;
}

TEST_F(ProfileTest, GoesOnWhereItWasKilled) {
  Fill();
  ASSERT_TRUE(ProfileArchive(Options("whole")));
  ASSERT_TRUE(ProfileArchive(Options("out")));
  const std::string rows = folder_.path("out/costs.jsonl");
  // As kill -9 leaves it: a cut row, no passes after it, not finished.
  std::string text = Text(rows);
  const size_t third = text.find('\n', text.find('\n', text.find('\n') + 1) + 1) + 1;
  std::ofstream(rows, std::ios::binary) << text.substr(0, third + 20);
  fs::remove(folder_.path("out/tries.jsonl"));
  auto again = Options("out");
  EXPECT_FALSE(ProfileArchive(again));  // not by accident
  again.resume = true;
  const auto summary = ProfileArchive(again);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(Text(rows).substr(0, third), text.substr(0, third));
  for (const char* name : {"/files.jsonl", "/costs.jsonl", "/tries.jsonl"})
    EXPECT_EQ(Names(folder_.path("out") + name), Names(folder_.path("whole") + name)) << name;
  again.seed = 2;
  const auto other = ProfileArchive(again);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("seed differs"));
}

TEST_F(ProfileTest, ShardsAreTheWholeAndMergeAsOneProcess) {
  Fill();
  ASSERT_TRUE(ProfileArchive(Options("whole")));
  std::vector<std::string> folders;
  for (int i = 0; i < 3; ++i) {
    auto options = Options(fmt::format("shard{}", i));
    options.shard = {.index = i, .count = 3};
    ASSERT_TRUE(ProfileArchive(options));
    folders.push_back(options.out);
  }
  std::vector<std::string> names;
  for (const auto& folder : folders)
    for (const auto& name : Names(folder + "/files.jsonl")) names.push_back(name);
  std::ranges::sort(names);
  EXPECT_EQ(names, Names(folder_.path("whole/files.jsonl")));

  auto refused = [&](std::vector<std::string> some) {
    auto merged = MergeProfiles(some, folder_.path("no"));
    EXPECT_FALSE(merged);
    return merged ? "" : merged.error().message;
  };
  EXPECT_THAT(refused({folders[0], folders[2]}), HasSubstr("missing of 3 shards: 1"));
  EXPECT_THAT(refused({folders[0], folders[1], folders[1], folders[2]}),
              HasSubstr("shard 1 is there twice"));
  EXPECT_THAT(refused({folders[0], folder_.path("whole")}), HasSubstr("one of"));

  // The same rows, as the shards have them, in one process.
  auto merged = MergeProfiles(folders, folder_.path("merged"));
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ((*merged)["files"]["listed"], 15);
  fs::create_directories(folder_.path("one"));
  for (const char* name : {"files.jsonl", "costs.jsonl", "tries.jsonl"}) {
    std::string text;  // backwards, as another order of the same rows
    std::vector<Row> rows = Rows(folder_.path("merged/") + name);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) text += row->dump() + "\n";
    std::ofstream(folder_.path("one/") + name, std::ios::binary) << text;
  }
  Row run = Row::parse(Text(folder_.path("merged/run.json")));
  std::ofstream(folder_.path("one/run.json")) << run.dump();
  ASSERT_TRUE(MergeProfiles({folder_.path("one")}, folder_.path("of_one")));
  EXPECT_EQ(Text(folder_.path("of_one/profile.json")), Text(folder_.path("merged/profile.json")));
}

TEST_F(ProfileTest, NothingIsLeftOfAListThatIsNotThere) {
  auto options = Options("out");
  options.what = folder_.path("nothing");
  const auto summary = ProfileArchive(options);
  ASSERT_FALSE(summary);
  EXPECT_THAT(summary.error().message, HasSubstr("no such list or folder"));
  EXPECT_FALSE(fs::exists(folder_.path("out/run.json")));
}

TEST_F(ProfileTest, SampleIsTheSameWhateverTheOrder) {
  Fill();
  auto options = Options("sampled");
  options.sample = 2;
  options.tries = 0;
  ASSERT_TRUE(ProfileArchive(options));
  std::vector<std::string> names;
  {
    std::ofstream list(folder_.path("list"));
    for (const auto& row : Rows(folder_.path("sampled/files.jsonl")))
      names.push_back(TextToName(row["file"].get<std::string>()));
    std::ranges::reverse(names);
    for (const auto& name : names) list << name << "\n";
  }
  auto listed = Options("listed");
  listed.what = folder_.path("list");
  listed.sample = 2;
  listed.tries = 0;
  ASSERT_TRUE(ProfileArchive(listed));
  EXPECT_EQ(Names(folder_.path("listed/costs.jsonl")), Names(folder_.path("sampled/costs.jsonl")));
  EXPECT_LT(Names(folder_.path("listed/costs.jsonl")).size(), 12U);
}

TEST(NameToText, AnyBytes) {
  for (const std::string name : {"plain", "\xc3\xa4", "latin-\xe4.jpg", "\xff\x80\xfe"})
    EXPECT_EQ(TextToName(NameToText(name)), name);
  EXPECT_EQ(NameToText("\xc3\xa4"), "\xc3\xa4");
}

TEST(Worker, DeathAndDelayAreAnswers) {
  Worker worker(
      [](const Row& task) -> Row {
        if (task["do"] == "die") ::abort();
        if (task["do"] == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
        return {{"file", task["do"]}};
      },
      std::chrono::milliseconds(300));
  const auto ask = [&](const char* what) {
    auto answer = worker.Do({{"do", what}});
    return answer ? *answer : Row();
  };
  EXPECT_EQ(ask("work")["file"], "work");
  EXPECT_EQ(ask("die")["kind"], "crashed");
  EXPECT_EQ(ask("work")["file"], "work");
  EXPECT_EQ(ask("hang")["kind"], "timed out");
  EXPECT_EQ(ask("work")["file"], "work");
}

// 10^5 names of a small file; the peak of memory may not follow their number.
TEST_F(ProfileTest, MemoryDoesNotGrowWithFiles) {
  auto header = folder_.Encoded("jpeg_q90", {320, 200});
  folder_.Write("one.jpg", header);
  const auto run = [&](int lines, const std::string& out) {
    std::ofstream(folder_.path("list" + out)).close();
    {
      std::ofstream list(folder_.path("list" + out));
      // One file under as many names: the bits of a number as "/." and "/".
      for (int i = 0; i < lines; ++i) {
        list << "in";
        for (int bit = 0; bit < 17; ++bit) list << (i >> bit & 1 ? "/." : "/");
        list << "/one.jpg\n";
      }
    }
    auto options = Options(out);
    options.what = folder_.path("list" + out);
    options.sample = 2;
    options.tries = 0;
    const auto summary = ProfileArchive(options);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ((*summary)["files"]["listed"], lines);
  };
  run(1000, "small");
#ifdef __SANITIZE_ADDRESS__  // which keeps freed memory; the plain build asks
  run(5000, "large");
#else
  const auto peak_kb = [] {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
  };
  const long before = peak_kb();
  run(100'000, "large");
  EXPECT_LT(peak_kb() - before, 4096);
#endif
}

}  // namespace
}  // namespace iiifbench
