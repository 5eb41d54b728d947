#include "harness/validation/proof/drawn_plan.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace iiifbench {
namespace {

constexpr std::string_view kRecipes[] = {"jpeg_q90", "tiff_deflate", "jp2_lossless", "jp2_10to1"};

class Draw {
 public:
  Draw(uint64_t seed, int number) : random_(seed * 1000003 + static_cast<uint64_t>(number)) {
    random_.discard(16);
  }
  double Between(double low, double high) {
    const double value =
        low + (high - low) * static_cast<double>(random_() >> 11) / 9007199254740992.0;
    return std::round(value * 100) / 100;
  }
  int Integer(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool Chance(double probability) { return Between(0, 1) < probability; }
  std::string OneOf(const std::vector<std::string>& words) {
    return words[random_() % words.size()];
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

DrawnPlan DrawPlan(uint64_t seed, int number) {
  Draw draw(seed, number);
  DrawnPlan plan{.seed = seed, .number = number, .recipe = std::string(kRecipes[number % 4])};
  const bool jpeg = plan.recipe.starts_with("jpeg");
  // Only a stream without random access is decoded from the top by real servers.
  const std::string access =
      draw.OneOf(jpeg ? std::vector<std::string>{"region", "region", "rows", "full"}
                      : std::vector<std::string>{"region", "region", "region", "full"});
  const std::string levels =
      draw.OneOf({"fitting", "fitting", "fitting", "none", "full_only", "finer"});
  std::string filter = draw.OneOf({"nearest", "bilinear", "box", "bicubic", "lanczos3"});
  const bool always = draw.Chance(0.2);
  plan.faults = {{"access", access},
                 {"levels", levels},
                 {"variant", draw.OneOf({"library", "best"})},
                 {"filter", filter},
                 {"resample_always", always}};
  auto& multiplier = plan.faults["multiplier"] = nlohmann::json::object();
  if (draw.Chance(0.5)) multiplier["decode"] = draw.Between(1.2, 2);
  if (draw.Chance(0.5)) multiplier["resize"] = draw.Between(1.3, 6);
  if (draw.Chance(0.5)) multiplier["encode"] = draw.Between(1.3, 4);
  auto& delay = plan.faults["delay_ms"] = nlohmann::json::object();
  if (draw.Chance(0.35)) delay["overhead"] = draw.Between(1, 30);
  if (draw.Chance(0.15)) delay["read"] = draw.Between(1, 10);
  if (draw.Chance(0.15)) plan.faults["read_ms_per_mb"] = draw.Between(5, 40);
  if (draw.Chance(0.2)) plan.faults["info_delay_ms"] = draw.Between(1, 20);
  if (draw.Chance(0.15)) {
    plan.faults["pause_every"] = draw.Integer(5, 20);
    plan.faults["pause_ms"] = draw.Integer(20, 100);
  }
  if (draw.Chance(0.06)) plan.faults["cache"] = true;
  plan.workers = draw.Integer(1, 4);
  // What was added later is drawn last, so that a seed's other draws stay what they were (kDrawing
  // 1).
  if (draw.Chance(0.08)) plan.faults["subprocess"] = true;
  if (filter == "box" && draw.Chance(0.4)) plan.faults["filter"] = filter = "triangle";
  plan.decode_name = access + "/" + levels;
  plan.resize_name = filter == "nearest" || filter == "bilinear" ? "point" : "antialiased";
  plan.noop_resize_name = always ? "done" : "skipped";
  return plan;
}

std::string DrawnPlan::Describe() const {
  std::string out =
      faults["access"].get<std::string>() + "/" + faults["levels"].get<std::string>() + " " +
      faults["variant"].get<std::string>() + ", " + faults["filter"].get<std::string>() +
      (faults["resample_always"].get<bool>() ? "+always" : "");
  for (const auto& [stage, times] : faults["multiplier"].items())
    out += fmt::format(", {} x{:.2f}", stage, times.get<double>());
  for (const auto& [stage, ms] : faults["delay_ms"].items())
    out += fmt::format(", {} +{:.1f} ms", stage, ms.get<double>());
  for (const char* member : {"read_ms_per_mb", "info_delay_ms", "pause_every", "pause_ms"}) {
    if (faults.contains(member))
      out += fmt::format(", {} {:g}", member, faults[member].get<double>());
  }
  if (faults.value("subprocess", false)) out += ", subprocess";
  if (cached()) out += ", cache";
  return out;
}

std::vector<std::string> DrawRequests(uint64_t seed, int number, Size image) {
  Draw draw(seed ^ 0x5eedU, number);
  std::vector<std::string> out;
  auto add = [&](const std::string& path) {
    if (std::ranges::count(out, path) == 0) out.push_back(path);
  };
  auto region = [&](int width, int height, int output) {
    width = std::min(width, image.width), height = std::min(height, image.height);
    const int x = draw.Integer(0, image.width - width), y = draw.Integer(0, image.height - height);
    add(fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, width, height, std::min(output, width)));
  };
  auto tile = [&](int side) {
    const int x = draw.Integer(0, std::max(0, image.width / side - 1)) * side;
    const int y = draw.Integer(0, std::max(0, image.height / side - 1)) * side;
    add(fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, side, side, std::min(side, 256)));
  };
  tile(256);
  tile(256);
  tile(std::min(image.width, image.height) >= 2048 ? 1024 : 512);
  const int large = std::min(image.width, image.height) * 3 / 4;
  for (int i = 0; i < 2; ++i) {
    const int width = draw.Integer(large / 4, large);
    region(width, draw.Integer(large / 4, large), draw.Integer(width / 5, width));
  }
  const int line = draw.Integer(image.width / 3, image.width * 4 / 5);
  region(line, std::max(40, image.height / 30), line);
  for (int i = 0; i < 2; ++i)
    add(fmt::format("full/{},/0/default.jpg", draw.Integer(image.width / 20, image.width / 4)));
  return out;
}

}  // namespace iiifbench
