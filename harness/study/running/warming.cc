// Before the rounds: servers and kernels get warm, are left alone for a moment, and are read back.
#include <algorithm>
#include <thread>

#include "harness/servers/launch/process.h"
#include "harness/study/effective/read_back.h"
#include "harness/study/running/study_runner.h"

namespace iiifbench {
namespace {

constexpr double kIdle = 0.05;      // of a core: what a server may use while it is not asked
constexpr double kRepeating = 0.5;  // of a share: then each is asked once only
constexpr double kWarming = 0.75;   // of a share: then the rest is left out

}  // namespace

// Its milliseconds when it was warm; none when it takes no part.
std::optional<double> StudyRunner::WarmPart(const Prepared& prepared, Part& part,
                                            std::optional<Clock::time_point> until) {
  StudyCell& cell = *part.cell;
  auto warm = WarmUp(prepared, cell, part.url, *part.seat->paths.at(cell.link).client,
                     *part.seat->running, options_.jpeg_quality, until);
  if (warm) return *warm;
  if (auto alive = part.seat->running->Check(); !alive) {
    Died(*part.seat, alive.error());
    cell.status = part.seat->about->status;
    return {};
  }
  cell.status = WrongAnswer(warm.error());
  Say(fmt::format("  {}: {} {}: {}", part.seat->about->title, cell.recipe, cell.request_class,
                  cell.status));
  return {};
}

// The parts of one request that are still to be measured.
std::vector<StudyRunner::Part> StudyRunner::OpenParts(const CorpusEntry& entry,
                                                      const RequestClass& c,
                                                      const std::string& link,
                                                      const std::vector<ServerSeat*>& seats) {
  std::vector<Part> parts;
  for (ServerSeat* seat : seats) {
    if (refused_.contains(seat->choice.label)) continue;
    for (StudyCell& cell : study_.cells) {
      if (Open(cell) && cell.server == seat->choice.label && cell.recipe == entry.recipe &&
          cell.page == entry.page && cell.request_class == c.name && cell.link == link)
        parts.push_back({.cell = &cell, .seat = seat, .url = seat->Url(link, entry, c.path)});
    }
  }
  return parts;
}

// Its right answer, made once for all links; the error is every part's status.
const Prepared* StudyRunner::PreparedOf(const CorpusEntry& entry, const std::string& path,
                                        std::list<Prepared>& prepared, std::vector<Part>& parts) {
  for (const Prepared& one : prepared) {
    if (one.entry == &entry && one.path == path) return &one;
  }
  auto made = Prepare(entry, path, options_.jpeg_quality);
  if (made) return &prepared.emplace_back(std::move(*made));
  for (Part& part : parts) part.cell->status = made.error().message;
  return nullptr;
}

std::vector<StudyRunner::Turn> StudyRunner::WarmTurns(const std::string& recipe,
                                                      const std::vector<ServerSeat*>& seats,
                                                      std::list<Prepared>& prepared,
                                                      const Share& share) {
  std::vector<Turn> turns;
  const auto until = [&](double part) -> std::optional<Clock::time_point> {
    if (!Limited()) return {};
    const std::chrono::duration<double> seconds(part * share.seconds);
    return share.began + std::chrono::duration_cast<Clock::duration>(seconds);
  };
  std::vector<std::string> left_out;
  for (const auto& link : links_) {
    for (const CorpusEntry& entry : corpus_.entries) {
      if (entry.recipe != recipe) continue;
      for (const RequestClass& c : Classes(entry)) {
        Turn turn{.link = link, .name = c.name, .parts = OpenParts(entry, c, link, seats)};
        if (turn.parts.empty() || Stopped()) continue;
        if (Limited() && !turns.empty() && Clock::now() > *until(kWarming)) {
          LeaveOut(turn);
          left_out.push_back(link == kLoopback ? c.name : c.name + " over " + link);
          continue;
        }
        turn.prepared = PreparedOf(entry, c.path, prepared, turn.parts);
        if (turn.prepared == nullptr) continue;
        std::erase_if(turn.parts, [&](Part& part) {
          if (Stopped() || refused_.contains(part.seat->choice.label)) return true;
          const auto ms = WarmPart(*turn.prepared, part, until(kRepeating));
          if (!ms) return true;
          part.cell->status = "measured";
          turn.seconds += *ms / 1e3;
          return false;
        });
        if (turn.parts.empty()) continue;
        // The kernels are warmed up as well.
        if (auto floor = MeasureFloor(*turn.prepared, renderer_, rendered_); floor) {
          turn.seconds += floor->total_ms / 1e3;
        } else {
          Say(fmt::format("{}: the floor: {}", c.name, floor.error().message));
        }
        turns.push_back(std::move(turn));
      }
    }
    if (!turns.empty()) Say(fmt::format("{}, {}: {} servers are warm", recipe, link, seats.size()));
  }
  if (!left_out.empty())
    Say(fmt::format("{}: left out, no time was left to warm them up: {}", recipe,
                    fmt::join(left_out, ", ")));
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
    if (Stopped() || refused_.contains(seat->choice.label) ||
        !told_.insert(seat->choice.label).second)
      continue;
    const Prepared* cheapest = nullptr;
    for (const Turn& turn : turns) {
      const bool takes =
          std::ranges::any_of(turn.parts, [&](const Part& p) { return p.seat == seat; });
      if (!takes || turn.link != kLoopback || turn.prepared->info) continue;
      const auto area = [](const Prepared* p) {
        return int64_t{p->answer.picture.width()} * p->answer.picture.height();
      };
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

}  // namespace iiifbench
