#include "harness/archive/profile.h"

#include <fmt/chrono.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "data/corpus.h"
#include "harness/archive/facts.h"
#include "harness/archive/file_list.h"
#include "harness/archive/profile_files.h"
#include "harness/archive/row_file.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// In the worker.
Row DoTask(const Row& task, const ProfileOptions& options) {
  const std::string path = TextToName(task.at("file").get<std::string>());
  const auto what = task.at("do").get<std::string>();
  if (what == "facts") return FactsOf(path);
  Row row = {{"file", task["file"]}, {"stratum", task["stratum"]}, {"bytes", task["bytes"]}};
  row.update(what == "costs"
                 ? CostsOf(path, options.repeat)
                 : TryRecipes(path, options.recipes, options.repeat, options.try_max_pixels));
  return row;
}

struct Pass {
  const char* name;
  const char* file;  // of rows
};

// Tasks in the same order as in an earlier sitting; rows that are there are not made again.
// Yields false when it was stopped.
Result<bool> RunPass(const Pass& pass, const ProfileOptions& options, Worker& worker,
                     const std::function<Result<std::optional<Row>>()>& next) {
  const std::string path = options.out + "/" + pass.file;
  auto rows = RowFile::Open(path);
  if (!rows) return rows.error();
  RowReader earlier(path);
  int64_t done = 0, damaged = 0;
  auto told = steady_clock::now();
  for (bool skipping = true;;) {
    if (options.stop != nullptr && options.stop->load()) return false;
    auto task = next();
    if (!task) return task.error();
    if (!*task) return true;
    ++done;
    if (skipping) {
      auto row = earlier.Next();
      if (!row) return row.error();
      skipping = row->has_value();
      if (skipping && (*row)->value("file", "") != (*task)->value("file", ""))
        return Fail(ErrorKind::kBadRequest,
                    "{}: line {} is of {}, and now {} stands there in the list: the list or the "
                    "rows have changed since; begin again in another folder",
                    path, earlier.line(), (*row)->value("file", ""), (*task)->value("file", ""));
      if (skipping) continue;
    }
    auto answer = worker.Do(**task);
    if (!answer) return answer.error();
    if (!answer->contains("file")) {  // the worker died over it
      Row row = **task;
      row.erase("do");
      row.update(*answer);
      answer = std::move(row);
    }
    damaged += answer->contains("damage");
    auto added = rows->Add(*answer);
    if (!added) return added.error();
    if (options.progress && steady_clock::now() - told > std::chrono::seconds(2)) {
      told = steady_clock::now();
      options.progress(fmt::format("{}: {} files, {} damaged", pass.name, done, damaged));
    }
  }
}

Row TaskOf(const char* what, const Row& facts) {
  return {{"do", what},
          {"file", facts.at("file")},
          {"stratum", facts.at("stratum")},
          {"bytes", facts.at("bytes")}};
}

struct Drawn {
  uint64_t hash = 0;
  std::string file;
  int64_t bytes = 0;
  bool operator<(const Drawn& other) const {
    return hash != other.hash ? hash < other.hash : file < other.file;
  }
};

// `count` files of each stratum, the first of each stratum first: an interruption leaves something
// of all of them.
Result<std::vector<Row>> Draw(const std::string& files, const char* what, int64_t count,
                              uint64_t seed) {
  std::map<std::string, std::set<Drawn>> strata;
  RowReader reader(files);
  for (;;) {
    auto row = reader.Next();
    if (!row) return row.error();
    if (!*row) break;
    if (!(*row)->contains("stratum")) continue;
    const std::string file = (*row)->value("file", "");
    auto& drawn = strata[(**row)["stratum"].get<std::string>()];
    drawn.insert({PathHash(file, seed), file, (*row)->value("bytes", int64_t{0})});
    if (std::ssize(drawn) > count) drawn.erase(std::prev(drawn.end()));
  }
  std::vector<Row> tasks;
  for (bool left = true; left;) {
    left = false;
    for (auto& [stratum, drawn] : strata) {
      if (drawn.empty()) continue;
      const Drawn& first = *drawn.begin();
      tasks.push_back(
          {{"do", what}, {"file", first.file}, {"stratum", stratum}, {"bytes", first.bytes}});
      drawn.erase(drawn.begin());
      left = true;
    }
  }
  return tasks;
}

Result<bool> RunDrawn(const Pass& pass, const ProfileOptions& options, Worker& worker,
                      const char* what, int64_t count, uint64_t seed) {
  auto tasks = Draw(options.out + "/files.jsonl", what, count, seed);
  if (!tasks) return tasks.error();
  size_t at = 0;
  return RunPass(pass, options, worker, [&]() -> Result<std::optional<Row>> {
    return at < tasks->size() ? std::optional((*tasks)[at++]) : std::nullopt;
  });
}

Result<bool> RunPasses(const ProfileOptions& options) {
  auto list = FileList::Open(options.what, options.shard, options.out + "/files.txt");
  if (!list) return list.error();
  Worker worker([&options](const Row& task) { return DoTask(task, options); }, options.timeout);
  auto headers =
      RunPass({"headers", "files.jsonl"}, options, worker, [&]() -> Result<std::optional<Row>> {
        auto path = list->Next();
        if (!path) return std::optional<Row>();
        return std::optional(Row{{"do", "facts"}, {"file", NameToText(*path)}});
      });
  if (!headers || !*headers) return headers;
  const Pass costs = {"costs", "costs.jsonl"};
  Result<bool> measured = true;
  if (options.sample > 0) {
    measured = RunDrawn(costs, options, worker, "costs", options.sample, options.seed);
  } else {
    RowReader files(options.out + "/files.jsonl");
    measured = RunPass(costs, options, worker, [&]() -> Result<std::optional<Row>> {
      for (;;) {
        auto row = files.Next();
        if (!row) return row.error();
        if (!*row) return std::optional<Row>();
        if ((*row)->contains("stratum")) return std::optional(TaskOf("costs", **row));
      }
    });
  }
  if (!measured || !*measured || options.tries == 0) return measured;
  return RunDrawn({"tries", "tries.jsonl"}, options, worker, "tries", options.tries,
                  options.seed + 1);
}

}  // namespace

Result<Row> ProfileArchive(const ProfileOptions& options) {
  std::error_code error;
  if (!fs::exists(options.what, error))  // before a folder says that it holds a profile
    return Fail(ErrorKind::kNotFound, "{}: no such list or folder", options.what);
  fs::create_directories(options.out, error);
  const Row run = RunToJson(options);
  const auto earlier = ReadRun(options.out);
  if (earlier && !options.resume)
    return Fail(ErrorKind::kBadRequest,
                "{}: holds a profile already; go on with it by --resume, or choose another --out",
                options.out);
  if (options.resume && !earlier)
    return Fail(ErrorKind::kBadRequest, "{}: no profile to resume: {}", options.out,
                earlier.error().message);
  if (options.resume) {
    auto same = SameRun(*earlier, run, options.out, true);
    if (!same) return same.error();
  }
  auto written = WriteRow(options.out + "/run.json", run);
  if (!written) return written.error();
  auto complete = RunPasses(options);
  if (!complete) return complete.error();
  auto summary = SummariseRows(options.out, options.view);
  if (!summary) return summary.error();
  if (!*complete) {
    (*summary)["interrupted"] = true;
    return summary;
  }
  Row finished = run;
  finished["finished"] = true;
  for (const auto& [name, row] :
       {std::pair("profile.json", &*summary), std::pair("run.json", &finished)}) {
    auto saved = WriteRow(options.out + "/" + name, *row);
    if (!saved) return saved.error();
  }
  return summary;
}

}  // namespace iiifbench
