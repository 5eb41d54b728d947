// Two thousand honest answers of nine kinds of servers must pass and two thousand wrong ones of
// sixteen kinds must be refused: on dense, faint, map-like, bitonal, photographic and blank pages,
// at q30 to q95, 36 to 1024 pixels, enlarged up to three times and reduced up to sixteen.
//
// Here a few hundred of each run; IIIFBENCH_JUDGED_ANSWERS=2000 asks for that many,
// IIIFBENCH_JUDGED_SEED for other ones, and IIIFBENCH_SHARED names a folder with corpus/real, whose
// scans are then among the pages. What is not counted as wrong: see Differs in wrong_answers.h.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "harness/answers/response_check.h"
#include "kernels/codecs/opened.h"
#include "tests/harness/answers/wrong_answers.h"

namespace iiifbench {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}
uint64_t AnswersAsked() { return FromEnvironment("IIIFBENCH_JUDGED_ANSWERS", 150); }
// A few answers do with smaller pages, which are most of what the test costs.
Size PageSize() { return AnswersAsked() >= 1000 ? Size{1300, 1700} : Size{650, 850}; }
uint64_t Seed() { return FromEnvironment("IIIFBENCH_JUDGED_SEED", 1); }

struct JudgedPage {
  std::string name;
  LevelledPage page;
};

// Made once.
const std::vector<JudgedPage>& SeededPages() {
  static std::vector<JudgedPage> pages;
  if (!pages.empty()) return pages;
  const uint64_t count = AnswersAsked() >= 1000 ? 48 : 12;
  for (uint64_t i = 0; i < count; ++i) {
    const auto look = static_cast<PageLook>(i % kPageLooks);
    pages.push_back({fmt::format("{} {}", PageLookName(look), Seed() + i),
                     MakeLevelledPage(look, PageSize(), Seed() + i)});
  }
  return pages;
}

// A part of each real scan that is large enough; none where there are none.
std::vector<JudgedPage> RealPages() {
  std::vector<JudgedPage> pages;
  const char* shared = std::getenv("IIIFBENCH_SHARED");
  if (shared == nullptr) return pages;
  const std::filesystem::path folder = std::filesystem::path(shared) / "corpus" / "real";
  std::error_code error;
  Random random(Seed());
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (path.ends_with(".csv")) continue;
    const auto opened = OpenImage(path);
    auto source = Source::Open(path);
    if (!opened || !source) continue;
    const Size size = opened->info.size;
    const Size most = PageSize();
    const Size part{std::min(most.width, size.width), std::min(most.height, size.height)};
    auto pixels =
        DecodeToImage(**source,
                      {DrawInt(random, 0, size.width - part.width),
                       DrawInt(random, 0, size.height - part.height), part.width, part.height},
                      0);
    if (!pixels) continue;
    auto ours = LevelsOf(*pixels, Filter::kBox), theirs = LevelsOf(*pixels, Filter::kTriangle);
    pages.push_back(
        {entry.path().filename().string(), {PageLook::kDense, std::move(ours), std::move(theirs)}});
  }
  return pages;
}

double EnlargementOf(const AskedPart& part) { return part.output.width / part.window.width; }

struct Drawn {
  const JudgedPage* page;
  AskedPart part;
  Image right;
  DrawnEncoder encoder;
  std::string words() const {
    return fmt::format("{}, {}x{} of {:.0f}x{:.0f}, {}", page->name, right.width(), right.height(),
                       part.window.width, part.window.height, encoder.words());
  }
};

Drawn Draw(const std::vector<JudgedPage>& pages, Random& random) {
  const JudgedPage& page = pages[random() % pages.size()];
  const AskedPart part = DrawPart(page.page.ours[0].size(), random);
  return {&page, part, RenderOurs(page.page, part), DrawEncoder(random)};
}

Exchange Coded(const Image& picture, const DrawnEncoder& encoder) {
  Exchange exchange = Encode(picture, encoder);
  EXPECT_EQ(exchange.error, "");
  return exchange;
}

void ExpectHonestPass(const std::vector<JudgedPage>& pages, uint64_t count) {
  Random random(Seed() * 31 + 1);
  std::map<std::string, int> tally;
  int refused = 0, doubted = 0, doubted_blank = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const Drawn drawn = Draw(pages, random);
    const size_t kind = i % kServerKinds.size();
    const Exchange exchange =
        Coded(RenderAs(kind, drawn.page->page, drawn.part, random), drawn.encoder);
    const auto facts = CheckResponse(exchange, drawn.right.view(), EnlargementOf(drawn.part));
    ++tally[std::string(kServerKinds[kind])];
    if (!facts) ++refused;
    if (facts && !facts->judged())
      ++(drawn.page->page.look == PageLook::kBlank ? doubted_blank : doubted);
    EXPECT_TRUE(facts.ok()) << kServerKinds[kind] << ": " << drawn.words() << ": "
                            << facts.error().message;
  }
  for (const auto& [kind, answers] : tally) fmt::print("  {:<34} {:>5}\n", kind, answers);
  fmt::print(
      "honest: {} answers, {} refused, {} of blank pages and {} of others that cannot be judged\n",
      count, refused, doubted_blank, doubted);
  // Passing because nothing can be judged is no passing.
  EXPECT_LE(doubted, static_cast<int>(count / 20));
}

void ExpectWrongRefused(const std::vector<JudgedPage>& pages, uint64_t count) {
  Random random(Seed() * 37 + 2);
  std::map<std::string, std::pair<int, int>> tally;  // judged, excluded
  int accepted = 0, doubted = 0;
  uint64_t judged = 0;
  for (uint64_t i = 0; judged < count && i < 4 * count; ++i) {
    const Drawn drawn = Draw(pages, random);
    const size_t kind = i % kWrongKinds.size();
    const auto channels = drawn.right.channels();
    const JudgedPage* other = &pages[random() % pages.size()];
    for (size_t k = 0;
         k < pages.size() && (other == drawn.page || other->page.ours[0].channels() != channels ||
                              other->page.ours[0].size() != drawn.page->page.ours[0].size());
         ++k)
      other = &pages[k];
    auto& [counted, excluded] = tally[std::string(kWrongKinds[kind])];
    if (kWrongKinds[kind] == "another page" &&
        (other == drawn.page || other->page.ours[0].channels() != channels ||
         other->page.ours[0].size() != drawn.page->page.ours[0].size()))
      continue;
    const Exchange exchange =
        Coded(MakeWrong(kind, drawn.page->page, other->page, drawn.part, drawn.right, random),
              drawn.encoder);
    if (!Differs(exchange, Coded(drawn.right, drawn.encoder), drawn.right)) {
      ++excluded;
      continue;
    }
    ++counted, ++judged;
    const auto facts = CheckResponse(exchange, drawn.right.view(), EnlargementOf(drawn.part));
    // "Cannot tell" is no acceptance, but must be rare.
    if (facts && !facts->doubt.empty()) {
      ++doubted;
      continue;
    }
    if (facts) ++accepted;
    EXPECT_FALSE(facts.ok()) << kWrongKinds[kind] << ": " << drawn.words() << ": accepted, "
                             << FindingOf(*facts) << ", explained " << facts->explained
                             << ", reduced " << facts->psnr << " dB";
  }
  for (const auto& [kind, answers] : tally)
    fmt::print("  {:<34} {:>5} judged {:>5} excluded\n", kind, answers.first, answers.second);
  fmt::print("wrong: {} answers, {} accepted, {} that cannot be judged and say so\n", judged,
             accepted, doubted);
  EXPECT_LE(doubted, static_cast<int>(count / 100));
  EXPECT_EQ(judged, count);
}

TEST(JudgedAnswersTest, HonestAnswersOfSeededPagesPass) {
  ExpectHonestPass(SeededPages(), AnswersAsked());
}
TEST(JudgedAnswersTest, WrongAnswersOfSeededPagesAreRefused) {
  ExpectWrongRefused(SeededPages(), AnswersAsked());
}
TEST(JudgedAnswersTest, RealScansAreJudgedAlike) {
  const auto pages = RealPages();
  if (pages.empty()) GTEST_SKIP() << "IIIFBENCH_SHARED names no folder with corpus/real";
  ExpectHonestPass(pages, AnswersAsked());
  ExpectWrongRefused(pages, AnswersAsked());
}

}  // namespace
}  // namespace iiifbench
