// render: what does a whole request cost, from file to bytes, and in which stages?
#include "kernels/iiif/render.h"

#include <algorithm>

#include "benchmarks/common/pages.h"

namespace iiifbench {
namespace {

struct Case {
  std::string_view name;
  std::string path;
};

std::vector<Case> CasesFor(Size image) {
  const int side = std::min({1024, image.width / 2, image.height / 2});
  const int x = image.width * 3 / 10 | 1, y = image.height * 3 / 10 | 1;
  return {{"full", fmt::format("full/{},/0/default.jpg", image.width / 5)},
          {"level", fmt::format("full/{},/0/default.jpg", image.width / 4)},
          {"crop", fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, side, side, side)},
          {"crop+resize", fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, side, side, side / 2)},
          {"tile", fmt::format("{},{},256,256/256,/0/default.jpg", image.width / 2 / 256 * 256,
                               image.height / 2 / 256 * 256)}};
}

void Request(benchmark::State& state, const CorpusEntry& entry, const std::string& path,
             Variant variant, int threads) {
  auto page = OpenForBench(entry.path, variant);
  if (!page) return state.SkipWithError(page.error().message.c_str());
  auto request = ParseImageRequest("id/" + path, ApiVersion::k2);
  if (!request) return state.SkipWithError(request.error().message.c_str());
  auto plan = MakeRenderPlan(page->info, *request, {.variant = variant, .threads = threads});
  if (!plan) return state.SkipWithError(plan.error().message.c_str());
  Renderer renderer;
  Rendered rendered;
  auto once = renderer.Render(*page->source, *plan, rendered, page->index);
  if (!once) return state.SkipWithError(once.error().message.c_str());
  // The answer decodes to what the library's rendering is.
  auto reference_plan = *plan;
  reference_plan.settings.variant = Variant::kLibrary;
  StageTimes times;
  DecodeReport report;
  auto expected = renderer.RenderPixels(*page->source, reference_plan, times, report);
  auto answer = Source::Borrow(rendered.bytes, "answer");
  auto decoded = DecodeWhole(*answer, Variant::kLibrary);
  if (!expected || !decoded || decoded->size() != expected->size() ||
      Compare(decoded->view(), *expected).psnr < 28) {
    return state.SkipWithError("the answer is not the picture");
  }
  StageTimes sum;
  BeginMeasured();
  for (auto _ : state) {
    auto done = renderer.Render(*page->source, *plan, rendered, page->index);
    benchmark::DoNotOptimize(done);
    for (Stage stage : kStages) sum[stage] += rendered.stages[stage];
  }
  SetCounters(state, {plan->output.pixels(), rendered.decode.pixels_decoded, rendered.bytes_read});
  for (Stage stage : {Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kEncode}) {
    state.counters[std::string(StageName(stage)) + "_ms"] =
        std::chrono::duration<double, std::milli>(sum[stage]).count() /
        static_cast<double>(state.iterations());
  }
}

void RegisterAll(const BenchSettings& settings) {
  for (const CorpusEntry& entry : PagesFor(settings).entries) {
    const Codec* codec = nullptr;
    FindRecipe(entry.recipe, &codec);
    for (const Case& c : CasesFor(entry.size)) {
      for (Variant variant : VariantsOf(*codec)) {
        Register(settings,
                 fmt::format("render/{}/page:{}/case:{}/variant:{}", entry.recipe, entry.page,
                             c.name, VariantName(variant)),
                 [&entry, path = c.path, variant](benchmark::State& s) {
                   Request(s, entry, path, variant, 1);
                 });
      }
    }
  }
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
