#include "harness/merge/study_shards.h"

#include <fstream>
#include <iterator>

#include "data/corpus.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr const char* kStudyShard = "planned study shard";

json ReadObject(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {}), nullptr, false);
}

CellStatus StatusNamed(const std::string& id) {
  for (int i = 0; i <= static_cast<int>(CellStatus::kTooFewAnswers); ++i)
    if (IdOf(static_cast<CellStatus>(i)) == id) return static_cast<CellStatus>(i);
  return CellStatus::kNotMeasured;
}

json ServersToJson(const Study& study) {
  json out = json::array();
  for (const StudyServer& s : study.servers)
    out.push_back({{"name", s.name},
                   {"title", s.title},
                   {"version", s.version},
                   {"status", s.status},
                   {"intended", s.intended},
                   {"effective", s.effective},
                   {"idle_cpu", s.idle_cpu ? json(*s.idle_cpu) : json()}});
  return out;
}

json CellsToJson(const Study& study) {
  json out = json::array();
  for (const StudyCell& c : study.cells)
    out.push_back({{"server", c.server},
                   {"recipe", c.recipe},
                   {"class", c.request_class},
                   {"page", c.page},
                   {"link", c.link},
                   {"samples", c.total_ms.size()},
                   {"status_id", IdOf(c.state.status)},
                   {"reason", c.state.reason},
                   {"wrong", c.wrong},
                   {"failures", c.failures}});
  return out;
}

StudyShard TakeStudyShard(const json& run) {
  const json& of = run.at("shard");
  StudyShard out{.folder = {},
                 .plan_hash = run.at("plan"),
                 .version = run.at("version"),
                 .shard = {.index = of.at("index"), .count = of.at("count"), .from = of.at("from")},
                 .host = run.at("host"),
                 .command = run.at("command"),
                 .time = run.at("time"),
                 .machine = run.at("machine"),
                 .study = {},
                 .not_reportable = FindingsIn(run, "not_reportable", "not_reportable_ids"),
                 .samples = run.at("samples")};
  out.study.complete = run.at("complete");
  out.study.failure = run.at("failure");
  out.study.died = run.at("died").get<std::vector<std::string>>();
  out.study.sittings = run.at("sittings");
  using Settings = std::map<std::string, std::string>;
  for (const json& s : run.at("servers")) {
    StudyServer server{.name = s.at("name"),
                       .title = s.at("title"),
                       .version = s.at("version"),
                       .status = s.at("status"),
                       .intended = s.at("intended").get<Settings>(),
                       .effective = s.at("effective").get<Settings>()};
    if (s.at("idle_cpu").is_number()) server.idle_cpu = s["idle_cpu"].get<double>();
    out.study.servers.push_back(std::move(server));
  }
  for (const json& c : run.at("cells")) {
    StudyCell cell{.server = c.at("server"),
                   .recipe = c.at("recipe"),
                   .request_class = c.at("class"),
                   .page = c.at("page"),
                   .path = {},
                   .link = c.at("link")};
    cell.state = {StatusNamed(c.at("status_id")), c.at("reason")};
    cell.wrong = c.at("wrong");
    cell.failures = c.at("failures").get<std::map<std::string, int>>();
    out.study.cells.push_back(std::move(cell));
  }
  return out;
}

}  // namespace

bool HoldsStudyShard(const std::string& folder) {
  const json run = ReadObject(folder + "/run.json");
  return run.is_object() && run.value("kind", json()) == kStudyShard;
}

Result<void> FinishStudyShard(const std::string& folder, const RunPlan& plan,
                              const StudyShard& shard) {
  int64_t samples = 0;
  for (const StudyCell& cell : shard.study.cells) samples += std::ssize(cell.total_ms);
  json run = {
      {"schema", 1},
      {"kind", kStudyShard},
      {"plan", plan.hash},
      {"version", shard.version},
      {"shard",
       {{"index", shard.shard.index}, {"count", shard.shard.count}, {"from", shard.shard.from}}},
      {"host", shard.host},
      {"command", shard.command},
      {"time", shard.time},
      {"machine", shard.machine},
      {"samples", samples},
      {"complete", shard.study.complete},
      {"failure", shard.study.failure},
      {"died", shard.study.died},
      {"sittings", shard.study.sittings},
      {"servers", ServersToJson(shard.study)},
      {"cells", CellsToJson(shard.study)}};
  PutFindings(shard.not_reportable, "not_reportable", "not_reportable_ids", run);
  // run.json is the last: a folder that has it is whole.
  auto written = WriteFile(folder + "/plan.json", JsonText(RunPlanToJson(plan)));
  if (!written) return written;
  return WriteFile(folder + "/run.json", JsonText(run));
}

Result<StudyShard> ReadStudyShard(const std::string& folder) {
  const std::string path = folder + "/run.json";
  if (!std::ifstream(path))
    return Fail(ErrorKind::kNotFound,
                "{}: no such file: the folder of a finished shard has one; was it killed?", path);
  const json run = ReadObject(path);
  if (!run.is_object() || run.value("kind", json()) != kStudyShard)
    return Fail(ErrorKind::kBadInput, "{}: not the run.json of a shard of a planned study", path);
  try {
    StudyShard shard = TakeStudyShard(run);
    shard.folder = folder;
    if (shard.shard.count < 1 || shard.shard.count > kMostShards || shard.shard.index < 0 ||
        shard.shard.index >= shard.shard.count || shard.samples < 0)
      return Fail(ErrorKind::kBadInput, "{}: no such shard: {}", path, shard.shard.Name());
    return shard;
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "{}: {}", path, error.what());
  }
}

json BlocksToJson(const std::vector<StudyBlock>& blocks) {
  json out = json::array();
  for (const StudyBlock& b : blocks)
    out.push_back({{"recipe", b.recipe},
                   {"link", b.link},
                   {"page", b.page},
                   {"class", b.request_class},
                   {"path", b.path}});
  return out;
}

Result<std::vector<StudyBlock>> BlocksIn(const RunPlan& plan) {
  std::vector<StudyBlock> out;
  try {
    for (const json& b : plan.fixed.at("blocks"))
      out.push_back({.recipe = b.at("recipe"),
                     .link = b.at("link"),
                     .page = b.at("page"),
                     .request_class = b.at("class"),
                     .path = b.at("path")});
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "plan: blocks: {}", error.what());
  }
  return out;
}

}  // namespace iiifbench
