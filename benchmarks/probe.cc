// probe: what does reading the header cost?
#include "benchmarks/common/pages.h"

namespace iiifbench {
namespace {

void Probe(benchmark::State& state, const CorpusEntry& entry) {
  auto checked = OpenForBench(entry.path, Variant::kLibrary);
  if (!checked) return state.SkipWithError(checked.error().message.c_str());
  if (checked->info.size != entry.size)
    return state.SkipWithError("the header tells another size than the manifest");
  int64_t bytes = 0;
  for (auto _ : state) {
    auto source = Source::Open(entry.path);
    auto info = checked->codec->probe(**source);
    benchmark::DoNotOptimize(info);
    bytes = (*source)->bytes_read();
  }
  SetCounters(state, {.bytes_in = bytes});
}

void RegisterAll(const BenchSettings& settings) {
  for (const CorpusEntry& entry : PagesFor(settings).entries) {
    Register(settings, fmt::format("probe/{}/page:{}", entry.recipe, entry.page),
             [&entry](benchmark::State& s) { Probe(s, entry); });
  }
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
