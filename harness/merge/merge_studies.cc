// Shards of a study joined in the order of units.
#include <algorithm>
#include <fstream>

#include "data/corpus.h"
#include "data/whole_number.h"
#include "harness/merge/shards_together.h"
#include "harness/merge/study_shards.h"
#include "harness/stats/quantile.h"
#include "harness/stats/robust.h"
#include "harness/study/running/sessions.h"
#include "harness/study/sample_log.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// Unit of each block by its round.
using UnitNumbers = std::map<BlockKey, std::vector<int64_t>>;

struct PlannedUnits {
  std::vector<StudyBlock> blocks;
  UnitNumbers numbers;
};

Result<PlannedUnits> UnitsIn(const RunPlan& plan) {
  auto blocks = BlocksIn(plan);
  if (!blocks) return blocks.error();
  const json rounds = plan.fixed.value("rounds", json()), seed = plan.fixed.value("seed", json());
  constexpr int kMostRounds = 1000;
  if (!rounds.is_number_integer() || rounds < 1 || rounds > kMostRounds ||
      !seed.is_number_unsigned())
    return Fail(ErrorKind::kBadInput, "plan: rounds, seed: {} and {}", rounds.dump(), seed.dump());
  PlannedUnits out{.blocks = std::move(*blocks), .numbers = {}};
  const auto units = UnitsOf(out.blocks, rounds, seed);
  for (size_t i = 0; i < units.size(); ++i) {
    auto& numbers = out.numbers[KeyOf(out.blocks[units[i].block])];
    numbers.resize(static_cast<size_t>(WholeNumber(rounds)), -1);
    numbers[static_cast<size_t>(units[i].round)] = static_cast<int64_t>(i);
  }
  return out;
}

// The unit that a sample or a floor is of; -1: of none.
int64_t UnitOf(const UnitNumbers& numbers, const json& of) {
  const auto found = numbers.find({of.at("recipe"), of.at("link"), of.at("page"), of.at("class")});
  const int64_t round = of.at("round");
  if (found == numbers.end() || round < 0 || round >= std::ssize(found->second)) return -1;
  return found->second[static_cast<size_t>(round)];
}

struct SampleLine {
  int64_t unit = 0;
  size_t shard = 0;
  std::streamoff at = 0;
  auto operator<=>(const SampleLine&) const = default;
};

Result<void> ReadLines(const StudyShard& shard, size_t number, const UnitNumbers& numbers,
                       std::vector<SampleLine>& lines) {
  const std::string path = shard.folder + "/samples.jsonl";
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorKind::kNotFound, "{}: no such file", path);
  int64_t samples = 0, line_number = 0;
  std::streamoff at = 0;
  for (std::string text; std::getline(in, text);) {
    ++line_number;
    const auto bad = [&](const std::string& what) {
      return Fail(ErrorKind::kBadInput, "{}: line {}: {}", path, line_number, what);
    };
    if (in.eof()) return bad("was cut");
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object()) return bad("is no JSON object");
    const auto here = at;
    at += static_cast<std::streamoff>(text.size()) + 1;
    try {
      if (line.contains("study") && line["study"].at("command") != shard.command)
        return bad("measured by `" + line["study"]["command"].get<std::string>() + "`");
      const bool sample = line.contains("sample");
      if (!sample && !line.contains("floor")) continue;
      const int64_t unit = UnitOf(numbers, sample ? line["sample"] : line["floor"]);
      if (unit < 0) return bad("is of no request of the plan");
      if (!shard.shard.Has(unit))
        return bad(fmt::format("unit {} is not of shard {}", unit, shard.shard.index));
      samples += sample;
      lines.push_back({unit, number, here});
    } catch (const json::exception& error) {
      return bad(error.what());
    }
  }
  if (samples != shard.samples)
    return Fail(ErrorKind::kBadInput, "{}: {} samples where shard {} had {}: it was cut", path,
                samples, shard.shard.index, shard.samples);
  return {};
}

Result<void> WriteLines(const std::vector<StudyShard>& shards, const std::vector<SampleLine>& lines,
                        const std::string& path) {
  std::vector<std::ifstream> in;
  for (const StudyShard& shard : shards)
    in.emplace_back(shard.folder + "/samples.jsonl", std::ios::binary);
  std::ofstream out(path, std::ios::binary | std::ios::app);
  std::string text;
  for (const SampleLine& line : lines) {
    std::ifstream& from = in[line.shard];
    if (from.tellg() != line.at) from.seekg(line.at);
    std::getline(from, text);
    out << text << '\n';
  }
  out.close();
  return out ? Result<void>() : Fail(ErrorKind::kIo, "{}: cannot be written", path);
}

std::string ShardName(const StudyShard& shard) {
  return fmt::format("shard {}", shard.shard.index);
}

// What the servers are is of the first shard that had them; where others differ, a finding says so.
void JoinServers(const std::vector<StudyShard>& shards, Study& study,
                 std::vector<Finding>& reasons) {
  for (const StudyShard& shard : shards) {
    for (const StudyServer& server : shard.study.servers) {
      auto joined = std::ranges::find(study.servers, server.name, &StudyServer::name);
      if (joined == study.servers.end()) {
        study.servers.push_back(server);
        for (const char* told : {"answers", "sizes", "pictures", "not judged"})
          study.servers.back().effective.erase(told);
        continue;
      }
      if (joined->version.empty()) joined->version = server.version;
      if (joined->intended.empty()) joined->intended = server.intended;
      for (const auto& [name, value] : server.effective)
        if (name != "answers" && name != "sizes" && name != "pictures" && name != "not judged")
          joined->effective.emplace(name, value);
      if (server.idle_cpu)
        joined->idle_cpu = std::max(joined->idle_cpu.value_or(0), *server.idle_cpu);
      if (joined->status == "measured" && server.status != "measured")
        joined->status = ShardName(shard) + ": " + server.status;
      if (!server.version.empty() && server.version != joined->version)
        reasons.push_back(
            {"shard-server-differs", fmt::format("{}: {} {} where others have {}", ShardName(shard),
                                                 server.name, server.version, joined->version)});
      if (!server.intended.empty() && server.intended != joined->intended)
        reasons.push_back({"shard-server-differs", fmt::format("{}: {} was told other settings",
                                                               ShardName(shard), server.name)});
    }
  }
}

using CellName = std::pair<std::string, BlockKey>;
using CellParts = std::vector<std::pair<size_t, const StudyCell*>>;  // shard and its cell
CellName NameOfCell(const StudyCell& c) {
  return {c.server, {c.recipe, c.link, c.page, c.request_class}};
}

// One that was not measured somewhere is not measured, and says where.
void JoinState(const std::vector<StudyShard>& shards, const CellParts& parts, StudyCell& cell) {
  std::optional<CellState> state;
  bool same = true;
  const size_t first = parts.front().first;
  for (const auto& [number, part] : parts) {
    cell.wrong += part->wrong;
    for (const auto& [kind, count] : part->failures) cell.failures[kind] += count;
    if (!state) state = part->state;
    if (*state == part->state || !same) continue;
    if (!state->measured() && part->state.measured()) {
      same = false;
      state->reason = ShardName(shards[first]) + ": " + state->reason;
    } else if (state->measured()) {
      same = false;
      state = CellState{part->state.status, ShardName(shards[number]) + ": " + part->state.reason};
    }
  }
  if (state) cell.state = *state;
}

double MedianOrOne(const std::vector<double>& values) {
  return values.empty() ? 1.0 : Median(values);
}

// Of each shard its floors and latencies in multiples of the cells' medians.
void TellShards(const std::vector<StudyShard>& shards, const UnitNumbers& numbers,
                const Study& study, json& out) {
  struct Multiples {
    std::vector<double> floor, latency, lag_ms;
  };
  std::vector<Multiples> by_shard(shards.size());
  for (const StudyCell& cell : study.cells) {
    if (cell.total_ms.empty() || cell.floor_ms.size() != cell.total_ms.size()) continue;
    const double floor = Median(cell.floor_ms), latency = Median(cell.total_ms);
    const auto& units = numbers.at({cell.recipe, cell.link, cell.page, cell.request_class});
    for (size_t i = 0; i < cell.total_ms.size(); ++i) {
      const int64_t unit = units[static_cast<size_t>(cell.rounds[i])];
      Multiples& of = by_shard[static_cast<size_t>(unit % std::ssize(shards))];
      if (floor > 0) of.floor.push_back(cell.floor_ms[i] / floor);
      if (latency > 0) of.latency.push_back(cell.total_ms[i] / latency);
      if (i < cell.lag_ms.size()) of.lag_ms.push_back(cell.lag_ms[i]);
    }
  }
  out["kind"] = "shards of a study";
  std::vector<double> floors, latencies;
  for (size_t i = 0; i < shards.size(); ++i) {
    const StudyShard& shard = shards[i];
    int64_t failed = 0;
    for (const StudyCell& cell : shard.study.cells) {
      failed += cell.wrong;
      for (const auto& [kind, count] : cell.failures) failed += count;
    }
    floors.push_back(MedianOrOne(by_shard[i].floor));
    latencies.push_back(MedianOrOne(by_shard[i].latency));
    out["shards"].push_back(
        {{"shard",
          {{"index", shard.shard.index}, {"count", shard.shard.count}, {"from", shard.shard.from}}},
         {"folder", shard.folder},
         {"host", shard.host},
         {"machine", shard.machine},
         {"time", shard.time},
         {"answers", shard.samples},
         {"failed", failed},
         {"floor_multiple", floors.back()},
         {"latency_multiple", latencies.back()},
         {"lag_ms",
          {{"p50", by_shard[i].lag_ms.empty() ? json() : json(Median(by_shard[i].lag_ms))}}}});
  }
  std::vector<Finding> outliers;
  const auto judge = [&](FindingName finding, const char* name, const std::vector<double>& values,
                         const char* meaning) {
    constexpr double kDeviations = 3.5, kHalfMore = 0.5;
    const double middle = Median(values);
    const double bound = std::max(kDeviations * MadScale(values), kHalfMore * middle);
    for (size_t i = 0; i < values.size(); ++i)
      if (values[i] - middle > bound)
        outliers.push_back(
            {finding,
             fmt::format("{} ({}) stands apart: {} is {:.2f} times that of all, in the "
                         "middle of the shards {:.2f}: {}",
                         ShardName(shards[i]), shards[i].host, name, values[i], middle, meaning)});
  };
  if (shards.size() >= 3) {
    judge("shard-floor", "its floor", floors, "its computer is slower or busy");
    judge("shard-latency", "its latency", latencies,
          "its computer or its network is another, or a server treats it otherwise");
  }
  PutFindings(outliers, "outliers", "outlier_ids", out);
}

}  // namespace

Result<MergedStudy> MergeStudies(const std::vector<std::string>& folders, const std::string& out) {
  if (folders.empty()) return Fail(ErrorKind::kBadRequest, "no shard to merge");
  std::vector<StudyShard> shards;
  std::vector<ShardMark> marks;
  for (const auto& folder : folders) {
    auto shard = ReadStudyShard(folder);
    if (!shard) return shard.error();
    marks.push_back({folder, shard->plan_hash, shard->version, shard->shard});
    shards.push_back(std::move(*shard));
  }
  const auto plan = ReadRunPlan(folders.front() + "/plan.json", kStudyPlan);
  if (!plan) return plan.error();
  auto together = CheckTogether(marks, plan->hash);
  if (!together) return together.error();
  std::ranges::sort(shards, {}, [](const StudyShard& s) { return s.shard.index; });
  const auto units = UnitsIn(*plan);
  if (!units)
    return Fail(units.error().kind, "{}/plan.json: {}", folders.front(), units.error().message);
  std::vector<SampleLine> lines;
  for (size_t i = 0; i < shards.size(); ++i) {
    auto read = ReadLines(shards[i], i, units->numbers, lines);
    if (!read) return read.error();
  }
  std::ranges::sort(lines);
  auto folder = MakeFolderOfWhole(folders, out);
  if (!folder) return folder.error();
  MergedStudy merged{.study = {},
                     .command = fmt::format("{}", fmt::join(plan->arguments, " ")),
                     .time = shards.front().time,
                     .version = shards.front().version,
                     .machine = shards.front().machine,
                     .shards = {}};
  merged.command = "iiifbench study " + merged.command;
  Study& study = merged.study;
  std::vector<Finding> reasons;
  JoinServers(shards, study, reasons);
  const std::string path = out + "/samples.jsonl";
  {
    auto log = SampleLog::Open(path, merged.command, false);
    if (!log) return log.error();
    for (const StudyServer& server : study.servers) {
      if (server.version.empty()) continue;
      auto added = log->AddServer(server);
      if (!added) return added.error();
    }
  }
  auto written = WriteLines(shards, lines, path);
  if (!written) return written.error();
  lines = {};
  auto samples = ReadSamples(path, merged.command);
  if (!samples) return samples.error();
  std::map<CellName, StudyCell*> measured;
  for (StudyCell& cell : samples->cells) measured[NameOfCell(cell)] = &cell;
  std::map<CellName, CellParts> parts;
  for (size_t i = 0; i < shards.size(); ++i)
    for (const StudyCell& cell : shards[i].study.cells)
      parts[NameOfCell(cell)].push_back({i, &cell});
  for (const StudyServer& server : study.servers) {
    for (const StudyBlock& block : units->blocks) {
      StudyCell cell{.server = server.name,
                     .recipe = block.recipe,
                     .request_class = block.request_class,
                     .page = block.page,
                     .path = block.path,
                     .link = block.link};
      if (const auto found = measured.find(NameOfCell(cell)); found != measured.end()) {
        cell = std::move(*found->second);
        cell.path = block.path;
      }
      if (const auto found = parts.find(NameOfCell(cell)); found != parts.end())
        JoinState(shards, found->second, cell);
      study.cells.push_back(std::move(cell));
    }
  }
  study.complete = true;
  for (const StudyShard& shard : shards) {
    study.complete = study.complete && shard.study.complete;
    study.sittings = std::max(study.sittings, shard.study.sittings);
    if (study.failure.empty() && !shard.study.failure.empty())
      study.failure = ShardName(shard) + ": " + shard.study.failure;
    for (const auto& died : shard.study.died) study.died.push_back(ShardName(shard) + ": " + died);
    for (const auto& reason : shard.not_reportable) reasons.push_back(At(ShardName(shard), reason));
  }
  for (StudyServer& server : study.servers) TellOfAnswers(study, server);
  study.not_reportable = BrokenRules(study);
  study.not_reportable.insert(study.not_reportable.end(), reasons.begin(), reasons.end());
  TellShards(shards, units->numbers, study, merged.shards);
  merged.shards["remedies"] = RemediesFor(merged.shards);
  const std::pair<const char*, json> files[] = {{"/plan.json", RunPlanToJson(*plan)},
                                                {"/shards.json", merged.shards}};
  for (const auto& [name, value] : files) {
    auto saved = WriteFile(out + name, JsonText(value));
    if (!saved) return saved.error();
  }
  return merged;
}

std::string MergedStudyToText(const MergedStudy& merged) {
  std::string text = fmt::format("{:>6} {:<20} {:>9} {:>7} {:>9} {:>9}\n", "shard", "host",
                                 "answers", "failed", "floor x", "latency x");
  for (const json& shard : merged.shards["shards"])
    text +=
        fmt::format("{:>6} {:<20} {:>9} {:>7} {:>9.2f} {:>9.2f}\n",
                    shard["shard"]["index"].get<int64_t>(), shard["host"].get<std::string>(),
                    shard["answers"].get<int64_t>(), shard["failed"].get<int64_t>(),
                    shard["floor_multiple"].get<double>(), shard["latency_multiple"].get<double>());
  for (const auto& outlier : merged.shards["outliers"]) text += outlier.get<std::string>() + "\n";
  return text;
}

}  // namespace iiifbench
