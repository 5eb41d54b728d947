// A flame graph from folded stacks: width is samples, colour is the stage that a frame's work
// belongs to.
#include <array>
#include <memory>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

constexpr int kRow = 18;           // height of a frame, CSS pixels
constexpr int kDeepest = 48;       // frames drawn; deeper ones are cut, and said so
constexpr double kThinnest = 0.1;  // percent of all samples

struct Frame {
  double samples = 0;
  std::map<std::string, Frame> callees;
};

// Frames of well-known libraries; callees without a word of their own belong to their caller's
// stage.
struct Rule {
  std::string_view part;
  Stage stage;
};
constexpr std::array kRules = {
    Rule{"jpeg_write", Stage::kEncode},
    Rule{"jpeg_finish_compress", Stage::kEncode},
    Rule{"jpeg_start_compress", Stage::kEncode},
    Rule{"compress_data", Stage::kEncode},
    Rule{"tjCompress", Stage::kEncode},
    Rule{"encode_mcu", Stage::kEncode},
    Rule{"jpeg_read", Stage::kDecode},
    Rule{"jpeg_skip_scanlines", Stage::kDecode},
    Rule{"decompress_", Stage::kDecode},
    Rule{"decode_mcu", Stage::kDecode},
    Rule{"opj_", Stage::kDecode},
    Rule{"TIFFRead", Stage::kDecode},
    Rule{"inflate", Stage::kDecode},
    Rule{"resize", Stage::kResize},
    Rule{"Resample", Stage::kResize},
    Rule{"resample", Stage::kResize},
    Rule{"pread", Stage::kRead},
    Rule{"fread", Stage::kRead},
    Rule{"sendto", Stage::kNetwork},
    Rule{"writev", Stage::kNetwork},
};

std::optional<Stage> StageOf(const std::string& frame) {
  for (const Stage stage : kStages) {
    if (frame == StageName(stage)) return stage;
  }
  for (const Rule& rule : kRules) {
    if (frame.find(rule.part) != std::string::npos) return rule.stage;
  }
  return std::nullopt;
}

Frame TreeOf(const FoldedStacks& stacks, bool& cut) {
  Frame root;
  for (const auto& [stack, count] : stacks.samples) {
    Frame* at = &root;
    at->samples += count;
    size_t begin = 0;
    for (int depth = 0; begin <= stack.size(); ++depth) {
      if (depth == kDeepest) {
        cut = true;
        break;
      }
      const size_t end = std::min(stack.find(';', begin), stack.size());
      at = &at->callees[stack.substr(begin, end - begin)];
      at->samples += count;
      begin = end + 1;
    }
  }
  return root;
}

void Draw(const Frame& frame, double left, double all, int depth, std::string_view stage,
          std::string& svg, int& deepest, std::map<std::string, double>& shares) {
  double own = frame.samples;
  for (const auto& [name, callee] : frame.callees) {
    own -= callee.samples;
    const auto found = StageOf(name);
    const std::string_view inner = found ? StageName(*found) : stage;
    const double width = 100 * callee.samples / all;
    if (width >= kThinnest) {
      deepest = std::max(deepest, depth);
      const std::string text = Escaped(name);
      svg += fmt::format(
          "<svg x=\"{:.3f}%\" width=\"{:.3f}%\" y=\"{}\" height=\"{}\"><rect class=\"s-{}\" "
          "width=\"100%\" height=\"100%\"/><title>{}: {:.1f} % ({})</title>{}</svg>\n",
          left, width, depth * kRow, kRow - 1, inner, text, width, inner,
          width > 4
              ? fmt::format("<text class=\"in-{} left\" x=\"4\" y=\"13\">{}</text>", inner, text)
              : "");
    }
    Draw(callee, left, all, depth + 1, inner, svg, deepest, shares);
    left += width;
  }
  shares[std::string(stage)] += own;
}

}  // namespace

std::string FlameSection(const RunFiles& run) {
  std::string html;
  for (const FoldedStacks& stacks : run.stacks) {
    bool cut = false;
    const Frame root = TreeOf(stacks, cut);
    if (!(root.samples > 0)) {
      html += fmt::format("<p class=\"missing\">{} holds no samples.</p>", Escaped(stacks.file));
      continue;
    }
    std::string svg;
    int deepest = 0;
    std::map<std::string, double> shares;
    Draw(root, 0, root.samples, 0, "unsplit", svg, deepest, shares);
    std::string words;
    for (const auto& [stage, samples] : shares) {
      if (samples > 0)
        words += fmt::format("<span>{}{} {:.1f} %</span> ", Swatch(stage),
                             stage == "unsplit" ? "no stage" : stage, 100 * samples / root.samples);
    }
    // One is open: several graphs are longer than all the rest of the page.
    html += Folded(
        fmt::format("<h3>{}</h3> <small>{:.0f} samples</small>", Escaped(stacks.file),
                    root.samples),
        fmt::format(
            "<p class=\"legend\">{}</p><svg class=\"flame\" width=\"100%\" height=\"{}\" "
            "role=\"img\">{}</svg>{}",
            words, (deepest + 1) * kRow, svg,
            cut ? fmt::format("<p class=\"note\">Frames deeper than {} are cut.</p>", kDeepest)
                : std::string()),
        &stacks == &run.stacks.front());
  }
  if (run.stacks.empty())
    html = Missing(
        "No profile is in this folder. While the server works, record it and put its folded stacks "
        "(frame;frame;frame COUNT) as NAME.folded into this folder:",
        "perf record -e cpu-clock -g -p PID -- sleep 10 && perf script | stackcollapse-perf.pl > " +
            run.folder + "/server.folded");
  return Section("flame", "Flame graph", html);
}

}  // namespace iiifbench
