#include "harness/http/plain_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace iiifbench {
namespace {

TEST(PlainTextTest, ValidTextStaysAndTheRestIsEscaped) {
  EXPECT_EQ(PlainText("Zürich 漢 😀"), "Zürich 漢 😀");
  EXPECT_EQ(PlainText("caf\xE9\n\x1B[31m"), "caf\\xE9\\n\\x1B[31m");
  EXPECT_EQ(PlainText("\xC0\xAF"), "\\xC0\\xAF");           // overlong
  EXPECT_EQ(PlainText("\xED\xA0\x80"), "\\xED\\xA0\\x80");  // a surrogate
  EXPECT_EQ(PlainText("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");
  EXPECT_EQ(PlainText("\xC2\x9B"), "\\u009B");
  EXPECT_EQ(PlainText("a\nb", "\n"), "a\nb");
}

TEST(PlainTextTest, ACutNeverSplitsALetter) {
  for (size_t most = 0; most < 12; ++most) {
    const std::string cut = CutText("日本語の本", most);
    EXPECT_EQ(PlainText(cut), cut) << most;
    EXPECT_LE(cut.size(), most + 3) << most;
  }
  EXPECT_EQ(CutText("short", 10), "short");
}

// Whatever bytes come, they can be stored as JSON.
TEST(PlainTextTest, AnyBytesBecomeJson) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_NO_THROW(nlohmann::json(PlainText(bytes)).dump());
    EXPECT_NO_THROW(nlohmann::json(CutText(PlainText(bytes), random() % 30)).dump());
  }
}

}  // namespace
}  // namespace iiifbench
