#include "harness/attribution/model/probe.h"

#include <algorithm>
#include <set>

namespace iiifbench {
namespace {

// Of a width that is placed beside the source; others are pictures that the server has anyway.
bool IsPlaced(Size size) {
  return std::ranges::find(kSeriesWidths, size.width) != std::end(kSeriesWidths);
}

class Designer {
 public:
  Designer(Size image, const std::string& full, const std::string& upscale)
      : image_(image), full_(full), upscale_(upscale) {}

  void Info(int image) {
    Add({.name = fmt::format("info:{}", image), .image = image, .path = "info.json", .info = true});
  }
  // The whole picture `width` wide.
  void Full(int width, const std::string& name) {
    if (width < 1 || width >= image_.width) return;
    Add({.name = name, .path = fmt::format("full/{},/0/default.jpg", width)});
  }
  // A square of `side`, its centre at (across, down) of the picture, `output` wide.
  void Square(int side, double across, double down, int output, const std::string& name) {
    if (side > image_.width || side > image_.height || output < 1) return;
    const int x =
        std::clamp(static_cast<int>(across * image_.width) - side / 2, 0, image_.width - side);
    const int y =
        std::clamp(static_cast<int>(down * image_.height) - side / 2, 0, image_.height - side);
    const std::string size =
        output == side ? full_ : fmt::format("{}{},", output > side ? upscale_ : "", output);
    Add({.name = name,
         .path = fmt::format("{},{},{},{}/{}/0/default.jpg", x, y, side, side, size)});
  }
  void Step(int number, Size size) {
    constexpr int kMuchToEncode = 1700;  // wide: more encoding than anything else
    Info(number);
    if (size.width > kMuchToEncode && !IsPlaced(size)) {
      Add({.name = fmt::format("ladder:{}", size.width),
           .image = number,
           .path = "full/1000,/0/default.jpg"});
      Add({.name = fmt::format("ladder:{}:part", size.width),
           .image = number,
           .path = fmt::format("0,0,64,64/{}/0/default.jpg", full_)});
      Add({.name = fmt::format("ladder:{}:half", size.width),
           .image = number,
           .path = "full/400,/0/default.jpg"});
      return;
    }
    Add({.name = fmt::format("ladder:{}", size.width),
         .image = number,
         .path = fmt::format("full/{}/0/default.jpg", full_)});
    if (size.width < 200) {
      // Next to nothing is decoded: what a request costs all the same must not hang on one probe.
      Add({.name = fmt::format("ladder:{}:part", size.width),
           .image = number,
           .path = fmt::format("0,0,{0},{0}/{1}/0/default.jpg",
                               std::min(size.width, size.height) / 2, full_)});
      Add({.name = fmt::format("ladder:{}:half", size.width),
           .image = number,
           .path = fmt::format("full/{},/0/default.jpg", size.width * 2 / 5)});
    } else {
      Add({.name = fmt::format("ladder:{}:part", size.width),
           .image = number,
           .path = fmt::format("0,0,64,64/{}/0/default.jpg", full_)});
      Add({.name = fmt::format("ladder:{}:half", size.width),
           .image = number,
           .path = fmt::format("full/{},/0/default.jpg", size.width * 2 / 5)});
    }
  }
  void Sign(const std::string& name) {
    for (auto& probe : probes_) {
      if (probe.name == name) probe.signature = true;
    }
  }
  void Core(const std::string& name) {
    for (auto& probe : probes_) {
      if (probe.name == name) probe.core = true;
    }
  }
  void Pair(const std::string& smaller, const std::string& larger) {
    const bool there =
        std::ranges::any_of(probes_, [&](const auto& p) { return p.name == larger; });
    for (auto& probe : probes_) {
      if (probe.name == smaller && there) probe.pair = larger;
    }
  }
  std::vector<ProbeRequest> Take() { return std::move(probes_); }

 private:
  void Add(ProbeRequest probe) {
    if (paths_.insert(fmt::format("{} {}", probe.image, probe.path)).second)
      probes_.push_back(std::move(probe));
  }

  Size image_;
  std::string full_, upscale_;
  std::vector<ProbeRequest> probes_;
  std::set<std::string> paths_;
};

}  // namespace

std::vector<ProbeRequest> DesignProbes(Size image, const std::vector<Size>& series,
                                       const std::string& full, const std::string& upscale) {
  Designer design(image, full, upscale);
  design.Info(0);
  design.Square(1, 0.5, 0.5, 1, "pixel");
  for (int output : {256, 512, 1024})
    design.Square(16, 0.5, 0.5, output, fmt::format("upscaled:{}", output));
  // The square whose output grows: as large as the picture lets it be.
  const int least = std::min(image.width, image.height);
  const int square =
      least >= 256 ? std::min(1024, least / 256 * 256) : std::max(16, least / 16 * 16);
  for (int side : {64, 256, 512, square, 1536})
    design.Square(side, 0.45, 0.5, side, fmt::format("equal:{}", side));
  design.Square(512, 0.3, 0.0, 512, "position:top");
  design.Square(512, 0.3, 0.25, 512, "position:quarter");
  design.Square(512, 0.3, 0.5, 512, "position:middle");
  design.Square(512, 0.3, 1.0, 512, "position:bottom");
  for (int output : {square / 8, square / 4, square * 3 / 10, square / 2 - 1, square / 2,
                     square * 3 / 5, square * 4 / 5, square - 1})
    design.Square(square, 0.45, 0.5, output, fmt::format("output:{}", output));
  for (int side : {384, 700, 1500, 2048, 3000})
    design.Square(side, 0.5, 0.5, 250, fmt::format("region:{}", side));
  for (int width : {100, 200, 400, 500, 501, 800, 1000, 1001, 1300})
    design.Full(width, fmt::format("full:{}", width));
  for (int level : {1, 2, 3}) {
    const int width = (image.width + (1 << level) - 1) >> level;
    if (width > 1700) continue;  // more encoding than anything else
    design.Full(width, fmt::format("full:1/{}", 1 << level));
    design.Full(width + 1, fmt::format("full:1/{}+1", 1 << level));
  }
  for (size_t i = 0; i < series.size(); ++i) design.Step(static_cast<int>(i) + 1, series[i]);
  const auto named = [](const char* group, int size) { return fmt::format("{}:{}", group, size); };
  design.Pair(named("output", square - 1), named("equal", square));
  design.Pair(named("output", square / 2 - 1), named("output", square / 2));
  for (const char* name : {"info:0", "pixel", "equal:256", "position:top", "position:bottom",
                           "full:500", "full:501", "full:200", "info:1", "ladder:64"})
    design.Sign(name);
  for (const auto& name :
       {named("equal", square), named("output", square / 4), named("output", square / 2 - 1),
        named("output", square / 2), named("output", square - 1),
        named("region", least >= 1500 ? 1500 : 700)})
    design.Core(name);
  for (const char* name : {"info:0",           "pixel",           "upscaled:256",
                           "upscaled:1024",    "equal:64",        "equal:256",
                           "equal:512",        "position:top",    "position:bottom",
                           "full:200",         "full:400",        "full:500",
                           "full:501",         "full:800",        "info:1",
                           "ladder:64",        "ladder:64:part",  "ladder:64:half",
                           "ladder:512",       "ladder:512:half", "ladder:1000",
                           "ladder:1000:half", "ladder:2000:part"})
    design.Core(name);
  for (const Size& size : series) {
    if (IsPlaced(size)) continue;
    for (const char* part : {"", ":part", ":half"})
      design.Core(fmt::format("ladder:{}{}", size.width, part));
  }
  return design.Take();
}

std::vector<std::string> DefaultRequests(Size image) {
  std::vector<std::string> out;
  if (image.width >= 512 && image.height >= 512) {
    const int x = image.width / 2 / 256 * 256, y = image.height / 2 / 256 * 256;
    out.push_back(fmt::format("{},{},256,256/256,/0/default.jpg", std::min(x, image.width - 256),
                              std::min(y, image.height - 256)));
  }
  const int side = std::min({1024, image.width / 2, image.height / 2});
  out.push_back(fmt::format("{},{},{},{}/{},/0/default.jpg", image.width * 3 / 10,
                            image.height * 3 / 10, side, side, std::max(1, side / 2)));
  const int width = std::min(2000, image.width * 8 / 10),
            height = std::min(150, std::max(1, image.height / 8));
  out.push_back(fmt::format("{},{},{},{}/{},/0/default.jpg", image.width / 10,
                            image.height * 6 / 10, width, height, width));
  out.push_back(fmt::format("full/{},/0/default.jpg", std::min(800, std::max(1, image.width / 2))));
  return out;
}

}  // namespace iiifbench
