// corpus: makes the corpus, or says that it is complete.
#include <CLI/CLI.hpp>
#include <thread>

#include "data/command_line.h"
#include "data/corpus.h"

int main(int argc, char** argv) {
  iiifbench::CorpusOptions options;
  bool large = false;
  CLI::App app{
      "Makes the pages and files that tests and measurements use; existing correct files are "
      "kept."};
  app.add_option("--out", options.folder,
                 "Folder of the corpus (default: $IIIFBENCH_CORPUS, else build/corpus, else the "
                 "user's cache)");
  auto* small = app.add_flag("--small", options.small, "Pages of under 1 Mpx");
  app.add_flag("--large", large, "Pages of 24 Mpx (the default)")->excludes(small);
  app.add_option("--images", options.images,
                 "A folder of your own pages instead of the generated ones");
  app.add_option("--recipes", options.recipes,
                 "Names of recipes, or all (default: the four of the founding study)")
      ->delimiter(',');
  app.add_option("--pages", options.pages, "Names of pages (default: all)")->delimiter(',');
  app.footer("Examples:\n  corpus --small\n  corpus --images scans --recipes jpeg_q90,jp2_10to1");
  if (const auto status = iiifbench::ParseCommandLine(app, argc, argv, "corpus")) return *status;
  options.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.progress = [](const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  auto corpus = iiifbench::EnsureCorpus(options);
  if (!corpus) {
    fmt::print(stderr, "corpus: {}\n", corpus.error().message);
    return 1;
  }
  fmt::print("{}: {} files, {} made now\n", corpus->folder, corpus->entries.size(), corpus->made);
  return 0;
}
