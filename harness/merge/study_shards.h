// study_shards: the folder of a shard of a planned study, and many of them joined without loss.
//
// A folder holds samples.jsonl, study.json and study.md (of its units alone), plan.json and, last,
// run.json: the shard, its computer, its servers, and how each of its cells ended. Merging checks
// what shards_together.h checks, that no file was cut, and that each sample is of a unit of its
// shard (units.h); joins the samples in the order of units, and makes the study of them as one
// process would: the same samples give the same study, byte for byte, whatever the shards.
// What differs by shard stands in shards.json: {"shards": [...], "outliers": [sentences]}: of each
// the median of its floors and of its latencies, each in multiples of the cell's median over all
// shards. Outlier: over 3.5 x 1.4826 MAD and over half above the middle of the shards, of three or
// more. Units are dealt by chance, so that shards are alike but for their computers. Units:
// milliseconds in samples. Memory: 24 bytes a line of samples while they are sorted, and the study.
// Errors: kBadRequest with the shard, kBadInput with file and line, kIo. Threads: none.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/plan/run_plan.h"
#include "harness/study/study.h"

namespace iiifbench {

struct StudyShard {
  std::string folder, plan_hash, version;
  Shard shard;
  std::string host, command, time;
  nlohmann::json machine;               // as study.json has it
  Study study;                          // as it was saved; read back, its cells have no samples
  std::vector<Finding> not_reportable;  // of the computer, not of the samples
  int64_t samples = 0;
};

Result<void> FinishStudyShard(const std::string& folder, const RunPlan& plan,
                              const StudyShard& shard);
Result<StudyShard> ReadStudyShard(const std::string& folder);
bool HoldsStudyShard(const std::string& folder);

// The blocks of a plan; kBadInput where they are none.
Result<std::vector<StudyBlock>> BlocksIn(const RunPlan& plan);
nlohmann::json BlocksToJson(const std::vector<StudyBlock>& blocks);

struct MergedStudy {
  Study study;
  std::string command, time, version;
  nlohmann::json machine, shards;
};
// Writes samples.jsonl, plan.json, shards.json and run.json; the study's own files are the
// caller's.
Result<MergedStudy> MergeStudies(const std::vector<std::string>& folders, const std::string& out);
std::string MergedStudyToText(const MergedStudy& merged);

}  // namespace iiifbench
