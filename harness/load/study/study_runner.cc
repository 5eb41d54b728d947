#include "harness/load/study/study_runner.h"

#include <algorithm>
#include <set>
#include <thread>

#include "harness/load/study/effective/read_back.h"
#include "harness/servers/launch/process.h"

namespace iiifbench {
namespace {

constexpr double kIdle = 0.05;  // of a core: what a server may use while it is not asked

template <typename T>
void Shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

}  // namespace

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
  auto running = Launch(*choice.server,
                        SettingsOf(choice, {.image_folder = corpus_.image_folder,
                                            .run_folder = options_.run_folder + "/" + choice.folder_name(),
                                            .jpeg_quality = options_.jpeg_quality,
                                            .log_verbosity = 5,
                                            .options = {},
                                            .engine = options_.engine,
                                            .stop = options_.stop}));
  if (!running) {
    const size_t others = seats_.size();
    return refuse(others == 0 ? running.error()
                              : Fail(running.error().kind, "{} ({} other servers were up)",
                                     running.error().message, others));
  }
  about.version = (*running)->installation.version;
  about.intended = (*running)->intended;
  ServerSeat& seat = seats_.emplace_back(
      ServerSeat{.choice = choice, .about = &about, .running = std::move(*running), .ways = {}});
  if (auto written = log_.AddServer(about); !written) study_.failure = written.error().message;
  for (const auto& link : links_) {
    auto opened = OpenWay(seat, link, options_.link_bytes_per_second);
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
  seat.about->status = others == 0 ? error.message
                                   : fmt::format("{} ({} other servers were up beside it; try it alone)",
                                                 error.message, others);
  Say(fmt::format("{}: {}", seat.about->title, seat.about->status));
}

// False when it takes no part.
bool StudyRunner::WarmPart(const Prepared& prepared, Part& part, std::optional<Clock::time_point> until) {
  StudyCell& cell = *part.cell;
  auto warm = WarmUp(prepared, cell, part.url, *part.seat->ways.at(cell.link).client, *part.seat->running,
                     options_.jpeg_quality, until);
  if (warm) return true;
  if (auto alive = part.seat->running->Check(); !alive) {
    Died(*part.seat, alive.error());
    cell.status = part.seat->about->status;
    return false;
  }
  cell.status = warm.error().message;
  Say(fmt::format("  {}: {} {}: {}", part.seat->about->title, cell.recipe, cell.request_class, cell.status));
  return false;
}

std::vector<StudyRunner::Turn> StudyRunner::WarmTurns(const std::string& recipe,
                                                      const std::vector<ServerSeat*>& seats,
                                                      std::list<Prepared>& prepared,
                                                      Clock::time_point until) {
  std::vector<Turn> turns;
  const std::optional<Clock::time_point> limit =
      options_.budget.count() > 0 ? std::optional(until) : std::nullopt;
  for (const auto& link : links_) {
    for (const CorpusEntry& entry : corpus_.entries) {
      if (entry.recipe != recipe) continue;
      for (const RequestClass& c : Classes(entry)) {
        Turn turn{.link = link, .parts = {}};
        for (ServerSeat* seat : seats) {
          const auto cell = std::ranges::find_if(study_.cells, [&](const StudyCell& cell) {
            return Open(cell) && cell.server == seat->choice.label && cell.recipe == recipe &&
                   cell.page == entry.page && cell.request_class == c.name && cell.link == link;
          });
          if (cell == study_.cells.end() || Stopped() || refused_.contains(seat->choice.label)) continue;
          if (turn.prepared == nullptr) {
            const auto same = std::ranges::find_if(
                prepared, [&](const Prepared& p) { return p.entry == &entry && p.path == c.path; });
            if (same != prepared.end()) {
              turn.prepared = &*same;
            } else {
              auto made = Prepare(entry, c.path, options_.jpeg_quality);
              if (!made) {
                cell->status = made.error().message;
                continue;
              }
              turn.prepared = &prepared.emplace_back(std::move(*made));
            }
          }
          Part part{.cell = &*cell, .seat = seat, .url = seat->Url(link, entry, c.path)};
          if (!WarmPart(*turn.prepared, part, limit)) continue;
          cell->status = "measured";
          turn.parts.push_back(std::move(part));
        }
        if (turn.parts.empty()) continue;
        // The kernels are warmed up as well.
        if (auto floor = MeasureFloor(*turn.prepared, renderer_, rendered_); !floor)
          Say(fmt::format("{}: the floor: {}", c.name, floor.error().message));
        turns.push_back(std::move(turn));
      }
    }
    if (!turns.empty()) Say(fmt::format("{}, {}: {} servers are warm", recipe, link, seats.size()));
  }
  return turns;
}

// Waits until no server works on its own, at most two seconds; keeps the most of the last look.
void StudyRunner::WatchIdle(const std::vector<ServerSeat*>& seats) {
  constexpr auto kLook = std::chrono::milliseconds(250);
  for (int look = 0; look < 8 && !Stopped(); ++look) {
    std::vector<double> before;
    for (const ServerSeat* seat : seats) before.push_back(CpuSeconds(seat->running->ProcessIds()));
    std::this_thread::sleep_for(kLook);
    double most = 0;
    for (size_t i = 0; i < seats.size(); ++i) {
      const double share = (CpuSeconds(seats[i]->running->ProcessIds()) - before[i]) /
                           std::chrono::duration<double>(kLook).count();
      seats[i]->idle_cpu = share;
      most = std::max(most, share);
    }
    if (most < kIdle) break;
  }
  for (ServerSeat* seat : seats)
    seat->about->idle_cpu = std::max(seat->about->idle_cpu.value_or(0), seat->idle_cpu);
}

// What each server really does, asked once, by its cheapest request with pixels.
void StudyRunner::ReadBack(const std::vector<Turn>& turns, const std::vector<ServerSeat*>& seats) {
  for (ServerSeat* seat : seats) {
    if (Stopped() || refused_.contains(seat->choice.label) || !told_.insert(seat->choice.label).second)
      continue;
    const Prepared* cheapest = nullptr;
    for (const Turn& turn : turns) {
      const bool takes = std::ranges::any_of(turn.parts, [&](const Part& p) { return p.seat == seat; });
      if (!takes || turn.link != kLoopback || turn.prepared->info) continue;
      const auto area = [](const Prepared* p) { return int64_t{p->expected.width()} * p->expected.height(); };
      if (cheapest == nullptr || area(turn.prepared) < area(cheapest)) cheapest = turn.prepared;
    }
    if (cheapest == nullptr) continue;
    auto read = ReadBackSettings(*seat->running, seat->running->ImageUrl(cheapest->entry->file),
                                 cheapest->entry->size);
    if (!read) {
      seat->about->effective["unread"] = read.error().message;
      if (auto alive = seat->running->Check(); !alive) Died(*seat, alive.error());
      continue;
    }
    for (auto& [name, value] : *read) seat->about->effective[name] = value;
    seat->running->TakeLog();
  }
}

// Sends one request; its answer counts when the server lives and the body is right.
bool StudyRunner::Ask(const Turn& turn, Part& part, int round) {
  StudyCell& cell = *part.cell;
  const Exchange exchange = part.seat->ways.at(turn.link).client->Get(part.url);
  const auto log = part.seat->running->TakeLog();
  auto alive = part.seat->running->Check();
  auto right = CheckAnswer(*turn.prepared, exchange);
  if (alive && right) {
    TakeSample(cell, round, exchange, log);
    return true;
  }
  ++cell.wrong;
  if (!alive) Died(*part.seat, alive.error());
  cell.status = alive ? "wrong answer: " + right.error().message : part.seat->about->status;
  if (alive)
    Say(fmt::format("  {}: {} {}: {}", part.seat->about->title, cell.recipe, cell.request_class,
                    cell.status));
  return false;
}

void StudyRunner::TakeTurn(Turn& turn, int round) {
  std::vector<Part*> order;
  for (Part& part : turn.parts) {
    if (refused_.contains(part.seat->choice.label)) part.cell->status = part.seat->about->status;
    const auto& rounds = part.cell->rounds;
    if (part.cell->status != "measured" || std::ranges::find(rounds, round) != rounds.end()) continue;
    order.push_back(&part);
  }
  if (order.empty()) return;
  order.push_back(nullptr);  // the floor
  Shuffle(order, random_);
  std::vector<Part*> answered;
  Result<Floor> floor = Floor{};
  for (Part* part : order) {
    if (part == nullptr) {
      floor = MeasureFloor(*turn.prepared, renderer_, rendered_);
    } else if (Ask(turn, *part, round)) {
      answered.push_back(part);
    }
  }
  for (Part* part : answered) {
    StudyCell& cell = *part->cell;
    if (!floor) cell.status = "floor: " + floor.error().message;
    cell.floor_ms.push_back(floor ? floor->total_ms : 0);
    if (floor) {
      for (const auto& [name, ms] : floor->stages_ms) cell.floor_stages_ms[name].push_back(ms);
    }
    if (auto written = log_.AddSample(cell); !written) study_.failure = written.error().message;
  }
}

// A file type that is slow to decode needs more of the time for as many rounds: all pixels by our kernels say
// how much. A tenth of the slowest stands for what does not depend on it.
void StudyRunner::WeighRecipes() {
  double slowest = 0;
  for (const CorpusEntry& entry : corpus_.entries) {
    if (weights_.contains(entry.recipe) || Stopped()) continue;
    auto prepared = Prepare(entry, "full/full/0/default.jpg", options_.jpeg_quality);
    auto floor = prepared ? MeasureFloor(*prepared, renderer_, rendered_) : Result<Floor>(prepared.error());
    weights_[entry.recipe] = floor ? floor->total_ms : 0;
    slowest = std::max(slowest, weights_[entry.recipe]);
  }
  for (auto& [recipe, weight] : weights_) weight += slowest / 10;
}

void StudyRunner::RunRecipe(const std::string& recipe, const std::vector<ServerChoice>& choices) {
  using Seconds = std::chrono::duration<double>;
  const int open = OpenCells("", recipe);
  if (open == 0) return;
  const Clock::time_point began = Clock::now();
  const Seconds left = options_.budget - Seconds(began - began_);
  double weights = 0;
  for (const auto& [name, weight] : weights_) weights += weight * OpenCells("", name);
  const Seconds share = left * (weights > 0 ? weights_[recipe] * open / weights : 1);
  std::vector<ServerSeat*> seats;
  for (const ServerChoice& choice : choices) {
    if (Stopped() || OpenCells(choice.label, recipe) == 0) continue;
    if (ServerSeat* seat = Seat(choice)) seats.push_back(seat);
  }
  std::list<Prepared> prepared;
  auto turns =
      WarmTurns(recipe, seats, prepared, began + std::chrono::duration_cast<Clock::duration>(share / 2));
  ReadBack(turns, seats);
  for (ServerSeat* seat : seats) seat->running->TakeLog();
  if (!turns.empty()) WatchIdle(seats);
  const Clock::time_point start = Clock::now();
  for (int round = 0; round < options_.rounds && !Stopped() && !turns.empty(); ++round) {
    std::vector<Turn*> order;
    for (Turn& turn : turns) order.push_back(&turn);
    Shuffle(order, random_);
    for (Turn* turn : order) {
      if (!Stopped()) TakeTurn(*turn, round);
    }
    const double elapsed = Seconds(Clock::now() - start).count();
    const double ahead = elapsed / (round + 1) * (options_.rounds - round - 1);
    Say(fmt::format("{}: round {}/{}, {} servers, {:.0f} s left for this file type", recipe, round + 1,
                    options_.rounds, seats.size(), ahead));
    if (options_.budget.count() > 0 && round + 1 < options_.rounds &&
        Seconds(Clock::now() - began).count() + elapsed / (round + 1) > share.count()) {
      Say(fmt::format("{}: its share of the time, {:.0f} s, is used up", recipe, share.count()));
      break;
    }
  }
  for (StudyCell& cell : study_.cells) {
    if (cell.recipe != recipe) continue;
    if (cell.status == "measured" && cell.total_ms.empty()) cell.status = "stopped before it was measured";
  }
}

// Read back from what came, not from what was asked for.
void StudyRunner::Finish(const ServerChoice& choice) {
  StudyServer& about = About(choice.label);
  std::set<std::string> settings;
  for (StudyCell& cell : study_.cells) {
    if (cell.server != choice.label) continue;
    if (Open(cell))
      cell.status = refused_.contains(choice.label) ? about.status : "stopped before it was measured";
    if (!cell.settings.empty()) settings.insert(cell.recipe + " " + cell.settings);
  }
  if (!settings.empty()) about.effective["answers"] = fmt::format("{}", fmt::join(settings, ", "));
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
  if (options_.budget.count() > 0) WeighRecipes();
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
