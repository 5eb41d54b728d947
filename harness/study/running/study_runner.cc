#include "harness/study/running/study_runner.h"

#include <algorithm>
#include <set>

#include "harness/study/effective/read_back.h"

namespace iiifbench {

StudyRunner::StudyRunner(const StudyOptions& options, const Corpus& corpus, EarlierSamples earlier,
                         SampleLog log, Study& study)
    : options_(options),
      corpus_(corpus),
      earlier_(std::move(earlier)),
      log_(std::move(log)),
      study_(study),
      links_({std::string(kLoopback)}),
      random_(options.seed) {
  for (const double ms : options.links_ms) links_.push_back(fmt::format("{:g} ms", ms));
}

bool StudyRunner::Stopped() const {
  return !study_.failure.empty() || (options_.stop != nullptr && options_.stop->load());
}

void StudyRunner::Say(const std::string& line) const {
  if (options_.progress) options_.progress(line);
}

StudyServer& StudyRunner::About(const std::string& label) {
  return *std::ranges::find(study_.servers, label, &StudyServer::name);
}

// Still to be measured.
bool StudyRunner::Open(const StudyCell& cell) const { return cell.status == "not measured"; }

std::vector<RequestClass> StudyRunner::Classes(const CorpusEntry& entry) const {
  if (!options_.founding) return RequestClasses(entry.size);
  auto classes = FoundingClasses(entry.size);
  // Answers are JPEG: a source of this type may be streamed.
  if (FindRecipe(entry.recipe)->extension == "jpg") classes.push_back(FullSizeCropped(entry.size));
  return classes;
}

// The cells of one server, with what an earlier sitting measured.
void StudyRunner::MakeCells(const ServerChoice& choice) {
  for (const auto& link : links_) {
    for (const CorpusEntry& entry : corpus_.entries) {
      for (const RequestClass& c : Classes(entry)) {
        StudyCell cell = {.server = choice.label,
                          .recipe = entry.recipe,
                          .request_class = c.name,
                          .page = entry.page,
                          .path = c.path,
                          .link = link};
        for (StudyCell& before : earlier_.cells) {
          if (!SameCell(before, cell)) continue;
          before.path = cell.path;
          cell = std::move(before);
        }
        if (static_cast<int>(cell.total_ms.size()) >= options_.rounds) cell.status = "measured";
        const std::string refusal = choice.server->refuses(*FindRecipe(entry.recipe));
        if (!refusal.empty()) cell.status = refusal;
        study_.cells.push_back(std::move(cell));
      }
    }
  }
}

// Of any server or recipe where the name is empty.
int StudyRunner::OpenCells(const std::string& server, const std::string& recipe) const {
  return static_cast<int>(std::ranges::count_if(study_.cells, [&](const StudyCell& cell) {
    return Open(cell) && (server.empty() || cell.server == server) &&
           (recipe.empty() || cell.recipe == recipe) && !refused_.contains(cell.server);
  }));
}

// The server, started when it is not; none when it cannot be.
ServerSeat* StudyRunner::Seat(const ServerChoice& choice) {
  for (ServerSeat& seat : seats_) {
    if (seat.choice.label == choice.label) return &seat;
  }
  StudyServer& about = About(choice.label);
  const auto refuse = [&](const Error& error) {
    about.status = error.message;
    refused_.insert(choice.label);
    Say(fmt::format("{}: {}", about.title, about.status));
    return nullptr;
  };
  auto running =
      LaunchLogged(choice, corpus_.image_folder, options_.run_folder + "/" + choice.folder_name(),
                   options_.jpeg_quality, options_.engine, options_.stop);
  if (!running) {
    const size_t others = seats_.size();
    return refuse(others == 0 ? running.error()
                              : Fail(running.error().kind, "{} ({} other servers were up)",
                                     running.error().message, others));
  }
  about.version = (*running)->installation.version;
  about.intended = (*running)->intended;
  ServerSeat& seat = seats_.emplace_back(
      ServerSeat{.choice = choice, .about = &about, .running = std::move(*running), .paths = {}});
  if (auto written = log_.AddServer(about); !written) study_.failure = written.error().message;
  for (const auto& link : links_) {
    auto opened = OpenPath(seat, link, options_.link_bytes_per_second, options_.timeout);
    if (opened) continue;
    Say(fmt::format("{}: no link of {}: {}", about.title, link, opened.error().message));
    for (StudyCell& cell : study_.cells) {
      if (cell.server == choice.label && cell.link == link && Open(cell))
        cell.status = opened.error().message;
    }
  }
  return &seat;
}

// Its cells that are not whole say how it ended; what was measured of them stays.
void StudyRunner::Died(ServerSeat& seat, const Error& error) {
  if (!refused_.insert(seat.choice.label).second) return;
  const size_t others = seats_.size() - 1;
  seat.about->status = others == 0
                           ? error.message
                           : fmt::format("{} ({} other servers were up beside it; try it alone)",
                                         error.message, others);
  study_.died.push_back(fmt::format("{}: {}", seat.choice.label, seat.about->status));
  Say(fmt::format("{}: {}", seat.about->title, seat.about->status));
}

// Read back from what came, not from what was asked for.
void StudyRunner::Finish(const ServerChoice& choice) {
  StudyServer& about = About(choice.label);
  std::set<std::string> settings, roundings, changes, doubts;
  for (StudyCell& cell : study_.cells) {
    if (cell.server != choice.label) continue;
    if (Open(cell))
      cell.status =
          refused_.contains(choice.label) ? about.status : "stopped before it was measured";
    if (!cell.settings.empty()) settings.insert(cell.recipe + " " + cell.settings);
    if (!cell.rounding.empty()) roundings.insert(cell.path + ": " + cell.rounding);
    if (!cell.change.empty()) changes.insert(cell.path + ": " + cell.change);
    if (!cell.doubt.empty()) doubts.insert(cell.path + ": " + cell.doubt);
  }
  if (!settings.empty()) about.effective["answers"] = fmt::format("{}", fmt::join(settings, ", "));
  if (!roundings.empty())
    about.effective["sizes"] =
        fmt::format("allowed, and not rounded as ours: {}", fmt::join(roundings, "; "));
  if (!changes.empty())
    about.effective["pictures"] = fmt::format("right, but changed: {}", fmt::join(changes, "; "));
  if (!doubts.empty())
    about.effective["not judged"] =
        fmt::format("neither right nor wrong: {}", fmt::join(doubts, "; "));
  if (auto quality = QualityOf(study_, choice.label); !quality.empty())
    about.effective["jpeg_quality"] = quality;
  if (!refused_.contains(choice.label)) about.status = "measured";
  about.differences = Differences(about);
  if (about.version.empty()) return;
  if (auto written = log_.AddServer(about); !written) study_.failure = written.error().message;
}

void StudyRunner::Run(const std::vector<ServerChoice>& choices) {
  for (const ServerChoice& choice : choices) {
    StudyServer about{.name = choice.label, .title = choice.title(), .version = {}, .status = {}};
    if (const auto before = earlier_.servers.find(choice.label); before != earlier_.servers.end()) {
      about.version = before->second.version;
      about.intended = before->second.intended;
      about.effective = before->second.effective;
      about.idle_cpu = before->second.idle_cpu;
    }
    study_.servers.push_back(std::move(about));
    MakeCells(choice);
  }
  std::vector<std::string> recipes;
  for (const CorpusEntry& entry : corpus_.entries) {
    if (std::ranges::find(recipes, entry.recipe) == recipes.end()) recipes.push_back(entry.recipe);
  }
  if (Limited()) WeighRecipes();
  for (const auto& recipe : recipes) {
    if (Stopped()) break;
    RunRecipe(recipe, choices);
    // A server that has nothing left to do gives its memory back.
    seats_.remove_if([&](const ServerSeat& seat) {
      return refused_.contains(seat.choice.label) || OpenCells(seat.choice.label, "") == 0;
    });
  }
  for (const ServerChoice& choice : choices) Finish(choice);
  seats_.clear();
}

}  // namespace iiifbench
