// study_options: what `iiifbench study` is asked to do, and the words that ask for it again.
//
// Units: seconds and milliseconds, as on the command line. Errors, threads: none.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "harness/cli/planned.h"
#include "harness/study/study.h"

namespace iiifbench {

struct StudyFlags {
  StudyOptions study;
  std::string out, resume, preset, render, ca_file;
  PlanFlags planned;
  bool quiet = false, verbose = false, attribute = false;
  double budget = 20;  // seconds per server and recipe
  double link_mbit = 0, minutes = 0;
  double timeout = 60;  // seconds per request
};

void AddStudyOptions(CLI::App& command, StudyFlags& options);
// --preset, the usual page, the link's rate, the timeout: into `study`.
void SettleStudy(StudyFlags& options);

// What was asked for, so that it can be asked again; without --out and --resume.
std::vector<std::string> StudyWords(const StudyFlags& options);
std::string StudyCommand(const StudyFlags& options);

}  // namespace iiifbench
