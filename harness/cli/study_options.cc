#include "harness/cli/study_options.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "harness/cli/commands.h"

namespace iiifbench {

void SettleStudy(StudyFlags& options) {
  StudyOptions& study = options.study;
  if (options.preset == "founding") {
    study.founding = true;
    if (study.links_ms.empty()) study.links_ms = {46};
  }
  if (study.corpus.pages.empty() && study.corpus.images.empty()) study.corpus.pages = {"map"};
  if (!options.ca_file.empty()) ::setenv("IIIFBENCH_CA_FILE", options.ca_file.c_str(), 1);
  study.timeout = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1e3));
  study.link_bytes_per_second = static_cast<int64_t>(options.link_mbit * 125000);
  study.corpus.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

std::vector<std::string> StudyWords(const StudyFlags& options) {
  const StudyOptions& study = options.study;
  std::vector<std::string> words;
  const auto add = [&](const char* option, const std::string& value) {
    words.emplace_back(option);
    words.push_back(value);
  };
  const auto listed = [&](const char* option, const auto& names) {
    if (!names.empty()) add(option, fmt::format("{}", fmt::join(names, ",")));
  };
  if (!options.preset.empty()) add("--preset", options.preset);
  add("--rounds", fmt::format("{}", study.rounds));
  add("--seed", fmt::format("{}", study.seed));
  listed("--servers", study.servers);
  listed("--recipes", study.corpus.recipes);
  listed("--pages", study.corpus.pages);
  listed("--link", study.links_ms);
  if (options.link_mbit > 0) add("--link-mbit", fmt::format("{:g}", options.link_mbit));
  if (!study.corpus.images.empty()) add("--images", study.corpus.images);
  if (study.corpus.small) words.emplace_back("--small");
  if (!options.ca_file.empty()) add("--ca-file", options.ca_file);
  if (options.timeout != StudyFlags{}.timeout)
    add("--timeout", fmt::format("{:g}", options.timeout));
  if (!study.engine.empty()) add("--engine", study.engine);
  if (options.attribute) {
    words.emplace_back("--attribute");
    add("--attribute-budget", fmt::format("{}", options.budget));
  }
  return words;
}

std::string StudyCommand(const StudyFlags& options) {
  return fmt::format("iiifbench study {}", fmt::join(StudyWords(options), " "));
}

void AddStudyOptions(CLI::App& command, StudyFlags& options) {
  command
      .add_option("--servers", options.study.servers,
                  "Names of servers (default: all that compute; static only when named), each "
                  "with settings of its "
                  "own: reference:workers=2; the same one twice: reference,reference#2")
      ->delimiter(',');
  command.add_option("--rounds", options.study.rounds, "Rounds after the warm-up")
      ->check(CLI::Range(1, 1000));
  command
      .add_option("--recipes", options.study.corpus.recipes,
                  "Names of recipes, or all (default: the founding four)")
      ->delimiter(',');
  command.add_option("--pages", options.study.corpus.pages, "Names of pages (default: map)")
      ->delimiter(',');
  command.add_option("--images", options.study.corpus.images, "A folder of your own pages");
  command.add_flag("--small", options.study.corpus.small,
                   "Small pages: for trying, not for results");
  command.add_option("--seed", options.study.seed, "Order of requests");
  command.add_option("--out", options.out,
                     "Folder for results (default results/<machine>/<time>-<commit>)");
  command
      .add_option("--preset", options.preset,
                  "founding: the operations of the founding study, over loopback and a link of 46 "
                  "ms, with a verdict "
                  "on each of its findings")
      ->check(CLI::IsMember({"founding"}));
  command
      .add_option("--link", options.study.links_ms,
                  "Also over links with these round trips, milliseconds")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 10000.0));
  command
      .add_option("--minutes", options.minutes,
                  "Time for all servers, links and --attribute together: after the first, rounds "
                  "that would end "
                  "later are left out")
      ->check(CLI::Range(0.05, 10000.0));
  command.add_option("--link-mbit", options.link_mbit,
                     "Rate of the links in Mbit/s (default: unlimited)");
  command.add_option("--timeout", options.timeout, "Seconds per request (default 60)")
      ->check(CLI::Range(0.05, 3600.0));
  command
      .add_option("--ca-file", options.ca_file,
                  "Certificates to trust, for an IIIFBENCH_URL of https")
      ->check(CLI::ExistingFile);
  AddEngine(command, options.study.engine);
  command.add_option("--render", options.render,
                     "Measure nothing: write study.md of this run folder anew, by today's rules");
  command.add_option("--resume", options.resume,
                     "Go on with the run in this folder; same options as then");
  command.add_flag("--attribute", options.attribute,
                   "Then split every server's latency into stages by probes, per recipe");
  command
      .add_option("--attribute-budget", options.budget,
                  "Seconds per server and recipe (default 20)")
      ->check(CLI::Range(2.0, 3600.0));
  command.add_flag("--quiet", options.quiet, "No progress");
  command.add_flag("--verbose", options.verbose,
                   "Print all that was measured, as in study.md, and every line of progress");
  AddPlanFlags(command, options.planned);
}

}  // namespace iiifbench
