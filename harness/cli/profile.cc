// iiifbench profile LIST|FOLDER: what an archive is made of and what serving it costs.
#include <filesystem>
#include <memory>

#include "data/built_from.h"
#include "harness/archive/profile.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/report/machine.h"

namespace iiifbench {
namespace {

struct ProfileCommand {
  ProfileOptions profile;
  std::string shard, view;
  double timeout = 120;
  bool quiet = false;
};

int RunProfile(ProfileCommand& command) {
  const auto fail = [](const Error& error, int status) {
    Complain("iiifbench profile: {}\n", error.message);
    return status;
  };
  ProfileOptions& options = command.profile;
  auto shard = TakeShard(command.shard);
  if (!shard) return fail(shard.error(), 2);
  options.shard = *shard;
  // Shards that an engine starts share a command line, so a folder each is made below it.
  if (command.shard == "auto")
    options.out += fmt::format("/shard-{}-of-{}", shard->index, shard->count);
  if (!command.view.empty()) {
    auto view = ParseView(command.view);
    if (!view) return fail(view.error(), 2);
    options.view = *view;
  }
  for (const auto& name : options.recipes) {
    const Codec* codec = nullptr;
    if (FindRecipe(name, &codec) == nullptr || codec->encode == nullptr)
      return fail(Fail(ErrorKind::kNotFound, "--try-recipes {}: no such recipe", name), 2);
  }
  options.timeout = std::chrono::milliseconds(static_cast<int64_t>(command.timeout * 1e3));
  options.version = std::string(BuiltFrom());
  options.machine = MachineName();
  options.stop = &interrupted;
  options.progress = ProgressUnless(command.quiet);
  StopWhenInterrupted();
  const auto summary = ProfileArchive(options);
  if (!summary) return fail(summary.error(), 1);
  Print("{}saved: {}/profile.json\n", ProfileToText(*summary), options.out);
  return summary->contains("interrupted") ? 130 : 0;
}

}  // namespace

std::function<int()> AddProfile(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<ProfileCommand>();
  ProfileOptions& profile = options->profile;
  command = app.add_subcommand("profile",
                               "An archive: recipes, damage, what serving it costs, what other "
                               "recipes would save; for millions of files");
  command->footer(
      "A bad file is a row with the reason. Shards: start one a processor, then iiifbench merge "
      "their folders.\n"
      "After an interruption, kill -9 or a full disk: the same line with --resume.");
  command
      ->add_option("LIST|FOLDER", profile.what,
                   "A text file with a path a line, or a folder that is walked")
      ->required();
  command->add_option("--out", profile.out, "Folder for rows and results")->required();
  command->add_option(
      "--shard", options->shard,
      "i/n, or auto: of Slurm, Kubernetes, MPI or GNU parallel; then in a folder of "
      "its own below --out");
  command->add_flag("--resume", profile.resume, "Go on with the profile in --out");
  command
      ->add_option("--sample", profile.sample,
                   "Measure so many files a stratum (default: every image)")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  command->add_option("--seed", profile.seed, "Of the sample");
  command->add_option("--repeat", profile.repeat, "Runs of a request, of which the median counts")
      ->check(CLI::Range(1, 100));
  command->add_option("--view", options->view,
                      "Requests of a view (default info=1,tile=18,zoomed=18,level=1; also region)");
  command
      ->add_option("--try", profile.tries,
                   "Encode so many files a stratum again (default 1; 0: none)")
      ->check(CLI::Range(int64_t{0}, int64_t{1000}));
  command->add_option("--try-recipes", profile.recipes, "Recipes to encode again in")
      ->delimiter(',');
  command->add_option(
      "--try-max-mpx",
      [&profile](const CLI::results_t& given) {
        const double mpx = std::strtod(given.front().c_str(), nullptr);
        if (!(mpx > 0 && mpx <= 400)) return false;
        profile.try_max_pixels = static_cast<int64_t>(mpx * 1e6);
        return true;
      },
      "Larger files are not encoded again (default 40)");
  command->add_option("--timeout", options->timeout, "Seconds per file (default 120)")
      ->check(CLI::Range(0.1, 86'400.0));
  command->add_flag("--quiet", options->quiet, "No progress");
  return [options] { return RunProfile(*options); };
}

}  // namespace iiifbench
