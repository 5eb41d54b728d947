// profile: what an archive of millions of files is made of, what serving it costs, and what other
// recipes would save.
//
// Three passes, each a file of rows in `out`: files.jsonl, the header of every file of the shard;
// costs.jsonl, requests measured in our kernels, of every image or of `sample` a stratum;
// tries.jsonl, a few files a stratum in other recipes. Then profile.json, made from the rows alone
// (tally.h), and run.json, what was asked and where it ran. Sample: the files with the smallest
// hashes of (seed, path) in their stratum, which is a draw without replacement that does not depend
// on the order of files and starts the same after an interruption.
// Resume: rows already there are compared with the list by name and skipped. Merging: the shards'
// rows one after the other, then the same summary.
// Memory: one row, the strata, and `sample` names a stratum; a worker process for the pixels.
// Errors: kBadRequest (the folder is of another run), kIo, kBadInput (a row), kNotFound (the list).
// Bad files are rows. Threads: none; more processors take more shards.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "harness/archive/tally.h"
#include "harness/plan/shard.h"

namespace iiifbench {

struct ProfileOptions {
  std::string what;  // list or folder
  std::string out;   // folder of the results
  Shard shard;
  bool resume = false;
  int64_t sample = 0;  // files a stratum whose costs are measured; 0: all
  uint64_t seed = 1;
  int repeat = 3;
  ArchiveView view = kDefaultView;
  int64_t tries = 1;  // files a stratum that are encoded again; 0: none
  std::vector<std::string> recipes = {"tiff_jpeg", "jp2_10to1_tiled", "jp2_lossless_tiled"};
  int64_t try_max_pixels = int64_t{40} * 1000 * 1000;
  std::chrono::milliseconds timeout{120'000};  // per file
  std::string version, machine;                // of this program, of this computer
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const std::string& line)> progress;  // about once in two seconds; may be empty
};

// The summary. Interrupted: of what there is, with "interrupted": true.
Result<Row> ProfileArchive(const ProfileOptions& options);

// Does this folder hold a profile, or a shard of one?
bool HoldsProfile(const std::string& folder);
// Joins the shards in `folders` into `out`. Refuses what belongs to another profile or version, a
// shard that is missing, there twice or not finished, with its name.
Result<Row> MergeProfiles(const std::vector<std::string>& folders, const std::string& out);

std::string ProfileToText(const Row& summary);

}  // namespace iiifbench
