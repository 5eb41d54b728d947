// study_attribution: after a study, the attribution of every server x recipe that answered on its
// first page, for the very requests of the study, so that classes and stages meet.
//
// Steps of each (attribution/attribute.h): observe, fresh connections, profile, a pass without the
// page cache, the judgement, whether the server still answers, and what is not offered. Left out
// are load (the study's own load points are that) and changes that are tried (a minute more per
// image). A server that was started elsewhere has no profile and no pass without the page cache.
//
// Each server is started again, with the settings of its label, over copies of its sources, because
// the pictures of the size series are placed beside them. Writes
// <folder>/attribution-<label>-<recipe>.json (attribution_report.h, with "server" and "recipe") as
// soon as one is done, and each answer as it comes (observation_log.h): a stop or a dying server
// loses nothing. A server that fails is a line of `say` and does not end the others; the error that
// names all of them comes at the end. Errors: kIo at once when a file cannot be written.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "data/corpus.h"
#include "harness/servers/server.h"
#include "harness/study/study.h"

namespace iiifbench {

struct StudyAttributionOptions {
  CorpusOptions corpus;                      // that of the study
  std::string folder;                        // the run folder
  std::string command;                       // for the records
  std::chrono::duration<double> budget{20};  // per server and recipe
  uint64_t seed = 1;
  int jpeg_quality = 90;                             // that of the study
  std::string engine;                                // that of the study
  std::function<void(const std::string&)> say;       // answers, refusals, failures
  std::function<void(const std::string&)> progress;  // what is being done
  const std::atomic<bool>* stop = nullptr;
  bool resume = false;  // what stands in the folder is kept, and its answers are gone on from
};

// A measured page of one server, and its requests in the study's order, without info.json and
// without those of all pixels at full size that take more than a second.
struct StudyTarget {
  std::string server, recipe, page;
  std::vector<std::string> requests;
};
std::vector<StudyTarget> TargetsOf(const Study& study);

Result<void> AttributeStudy(const Study& study, const StudyAttributionOptions& options);

}  // namespace iiifbench
