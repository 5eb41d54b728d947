#include "harness/study/sample_log.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "data/whole_number.h"

namespace iiifbench {
namespace {

using nlohmann::json;

json Lasts(const StageMap<std::vector<double>>& stages) {
  json out = json::object();
  for (const auto& [stage, values] : stages) {
    if (!values.empty()) out[std::string(StageName(stage))] = values.back();
  }
  return out;
}

json LastOf(const std::vector<double>& values) {
  return values.empty() ? json() : json(values.back());
}

bool HasFloor(const StudyCell& cell) { return cell.floor_ms.size() >= cell.total_ms.size(); }

void Take(const json& sample, const char* name, std::vector<double>& values) {
  if (sample.contains(name) && sample[name].is_number())
    values.push_back(sample[name].get<double>());
}

void TakeAll(const json& sample, const char* name, StageMap<std::vector<double>>& stages) {
  if (!sample.contains(name)) return;
  for (const auto& [of, value] : sample[name].items()) {
    if (const auto stage = StageNamed(of)) stages[*stage].push_back(value.get<double>());
  }
}

// Cells by their block and server, so that a sample costs the same among many.
using CellIndex = std::map<BlockKey, std::map<std::string, size_t>>;

BlockKey BlockOf(const StudyCell& cell) {
  return {cell.recipe, cell.link, cell.page, cell.request_class};
}

void AddTo(EarlierSamples& earlier, CellIndex& index, const json& sample) {
  const StudyCell key = {.server = sample.at("server"),
                         .recipe = sample.at("recipe"),
                         .request_class = sample.at("class"),
                         .page = sample.at("page"),
                         .link = sample.at("link")};
  const auto [at, added] = index[BlockOf(key)].try_emplace(key.server, earlier.cells.size());
  if (added) earlier.cells.push_back(key);
  StudyCell* cell = &earlier.cells[at->second];
  // Runs of before rounds were kept are in their order.
  cell->rounds.push_back(static_cast<int>(WholeNumber(sample, "round", std::ssize(cell->rounds))));
  Take(sample, "total_ms", cell->total_ms);
  Take(sample, "lag_ms", cell->lag_ms);
  Take(sample, "first_byte_ms", cell->first_byte_ms);
  Take(sample, "floor_ms", cell->floor_ms);
  Take(sample, "server_ms", cell->server_ms);
  TakeAll(sample, "stages", cell->stages_ms);
  TakeAll(sample, "floor_stages", cell->floor_stages_ms);
  cell->bytes = WholeNumber(sample.at("bytes"));
  cell->psnr = sample.at("psnr").is_number() ? sample["psnr"].get<double>() : 99;
  cell->detail = sample.at("detail");
  cell->stage_source = sample.at("stage_source");
  cell->settings = sample.value("settings", "");
  for (auto& [name, words] : {std::pair{"rounding", &cell->rounding},
                              std::pair{"change", &cell->change}, std::pair{"doubt", &cell->doubt}})
    if (const std::string said = sample.value(name, ""); !said.empty()) *words = said;
  cell->traps = FindingsIn(sample, "traps", "trap_ids");
}

// The floor of a block, to its samples: those of the same request and round that have none.
void AddFloorTo(EarlierSamples& earlier, const CellIndex& index, const json& floor) {
  const auto block =
      index.find({floor.at("recipe"), floor.at("link"), floor.at("page"), floor.at("class")});
  if (block == index.end()) return;
  for (const auto& [server, at] : block->second) {
    StudyCell& cell = earlier.cells[at];
    if (HasFloor(cell) || cell.rounds.back() != floor.at("round")) continue;
    Take(floor, "floor_ms", cell.floor_ms);
    TakeAll(floor, "floor_stages", cell.floor_stages_ms);
  }
}

// A last line that was cut goes, so that the next one does not become its end.
void DropCutLine(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty() || text.back() == '\n') return;
  const size_t last = text.rfind('\n');
  std::error_code error;
  std::filesystem::resize_file(path, last == std::string::npos ? 0 : last + 1, error);
}

}  // namespace

Result<SampleLog> SampleLog::Open(const std::string& path, const std::string& command,
                                  bool append) {
  SampleLog log;
  log.path_ = path;
  if (path.empty()) return log;
  if (append) DropCutLine(path);
  log.file_.reset(std::fopen(path.c_str(), append ? "a" : "w"));
  if (log.file_ == nullptr)
    return Fail(ErrorKind::kIo, "{}: cannot be written: {}", path, std::strerror(errno));
  auto written = log.Write({{"study", {{"schema", kStudySchema}, {"command", command}}}});
  if (!written) return written.error();
  return log;
}

Result<void> SampleLog::Write(const json& line) {
  if (file_ == nullptr) return {};
  const std::string text = line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() ||
      std::fflush(file_.get()) != 0)
    return Fail(
        ErrorKind::kIo,
        "{}: {}; what was measured before stands there: make room, then --resume its folder", path_,
        std::strerror(errno));
  return {};
}

Result<void> SampleLog::AddServer(const StudyServer& server) {
  return Write({{"server",
                 {{"name", server.name},
                  {"version", server.version},
                  {"intended", server.intended},
                  {"effective", server.effective},
                  {"idle_cpu", server.idle_cpu ? json(*server.idle_cpu) : json()}}}});
}

Result<void> SampleLog::AddSample(const StudyCell& cell) {
  json sample = {{"server", cell.server},
                 {"link", cell.link},
                 {"recipe", cell.recipe},
                 {"class", cell.request_class},
                 {"page", cell.page},
                 {"total_ms", LastOf(cell.total_ms)},
                 {"first_byte_ms", LastOf(cell.first_byte_ms)},
                 {"floor_ms", HasFloor(cell) ? LastOf(cell.floor_ms) : json()},
                 {"lag_ms", LastOf(cell.lag_ms)},
                 {"round", cell.rounds.empty() ? 0 : cell.rounds.back()},
                 {"settings", cell.settings},
                 {"server_ms", LastOf(cell.server_ms)},
                 {"bytes", cell.bytes},
                 {"psnr", cell.psnr},
                 {"detail", cell.detail},
                 {"rounding", cell.rounding},
                 {"change", cell.change},
                 {"doubt", cell.doubt},
                 {"stages", Lasts(cell.stages_ms)},
                 {"floor_stages", HasFloor(cell) ? Lasts(cell.floor_stages_ms) : json::object()},
                 {"stage_source", cell.stage_source}};
  PutFindings(cell.traps, "traps", "trap_ids", sample);
  return Write({{"sample", sample}});
}

Result<void> SampleLog::AddFloor(const StudyCell& cell) {
  return Write({{"floor",
                 {{"recipe", cell.recipe},
                  {"class", cell.request_class},
                  {"page", cell.page},
                  {"link", cell.link},
                  {"round", cell.rounds.empty() ? 0 : cell.rounds.back()},
                  {"floor_ms", LastOf(cell.floor_ms)},
                  {"floor_stages", Lasts(cell.floor_stages_ms)}}}});
}

Result<EarlierSamples> ReadSamples(const std::string& path, const std::string& command) {
  std::ifstream in(path);
  if (!in) return Fail(ErrorKind::kNotFound, "{}: no samples of an earlier run there", path);
  EarlierSamples earlier;
  CellIndex index;
  int number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const json line = json::parse(text, nullptr, false);
    if (line.is_discarded() && in.peek() == EOF) break;  // cut while it was written
    try {
      if (line.contains("study")) {
        const json& study = line["study"];
        if (study.at("schema") != kStudySchema || study.at("command") != command)
          return Fail(ErrorKind::kBadInput, "{}: measured by `{}`; resume with the same options",
                      path, study.at("command").get<std::string>());
        ++earlier.sittings;
      } else if (line.contains("server")) {
        const json& s = line["server"];
        using Settings = std::map<std::string, std::string>;
        StudyServer& server = earlier.servers[s.at("name")];
        server.name = s.at("name");
        server.version = s.at("version");
        server.intended = s.value("intended", Settings());
        // What was read back in a session stands until it is read back again.
        for (auto& [name, value] : s.at("effective").get<Settings>())
          server.effective[name] = value;
        if (s.contains("idle_cpu") && s["idle_cpu"].is_number())
          server.idle_cpu = s["idle_cpu"].get<double>();
      } else if (line.contains("floor")) {
        AddFloorTo(earlier, index, line["floor"]);
      } else {
        AddTo(earlier, index, line.at("sample"));
      }
    } catch (const json::exception& error) {
      return Fail(ErrorKind::kBadInput, "{}: line {}: {}", path, number, error.what());
    }
  }
  return earlier;
}

}  // namespace iiifbench
