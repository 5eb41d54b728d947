#include "harness/study/running/warming.h"

#include <algorithm>
#include <thread>

#include "harness/servers/launch/process.h"
#include "harness/study/effective/read_back.h"
#include "harness/study/running/sessions.h"
#include "harness/study/running/sharing.h"

namespace iiifbench {
namespace {

constexpr double kIdle = 0.05;      // of a core: what a server may use while it is not asked
constexpr double kRepeating = 0.5;  // of a share: then each is asked once only
constexpr double kWarming = 0.75;   // of a share: then the rest is left out

// Its milliseconds when it was warm; none when it takes no part.
std::optional<double> WarmPart(StudyState& state, const Prepared& prepared, BlockPart& part,
                               std::optional<TimePoint> until) {
  StudyCell& cell = *part.cell;
  auto warm = WarmUp(prepared, cell, part.url, *part.session->paths.at(cell.link).client,
                     *part.session->running, state.options.jpeg_quality, until);
  if (warm) return *warm;
  if (auto alive = part.session->running->Check(); !alive) {
    NoteDeath(state, *part.session, alive.error());
    cell.state = {CellStatus::kServerGone, part.session->about->status};
    return {};
  }
  cell.state = WrongAnswer(warm.error());
  Say(state, fmt::format("  {}: {} {}: {}", part.session->about->title, cell.recipe,
                         cell.request_class, Words(cell.state)));
  return {};
}

// The parts of one request that are still to be measured.
std::vector<BlockPart> OpenParts(StudyState& state, const CorpusEntry& entry, const RequestClass& c,
                                 const std::string& link,
                                 const std::vector<ServerSession*>& sessions) {
  std::vector<BlockPart> parts;
  for (ServerSession* session : sessions) {
    if (state.refused.contains(session->choice.label)) continue;
    for (StudyCell& cell : state.study.cells) {
      if (IsOpen(cell) && cell.server == session->choice.label && cell.recipe == entry.recipe &&
          cell.page == entry.page && cell.request_class == c.name && cell.link == link)
        parts.push_back(
            {.cell = &cell, .session = session, .url = session->Url(link, entry, c.path)});
    }
  }
  return parts;
}

// Its right answer, made once for all links; the error is every part's status.
const Prepared* PreparedOf(const StudyState& state, const CorpusEntry& entry,
                           const std::string& path, std::list<Prepared>& prepared,
                           std::vector<BlockPart>& parts) {
  for (const Prepared& one : prepared) {
    if (one.entry == &entry && one.path == path) return &one;
  }
  auto made = Prepare(entry, path, state.options.jpeg_quality);
  if (made) return &prepared.emplace_back(std::move(*made));
  for (BlockPart& part : parts) part.cell->state = {CellStatus::kNoKernel, made.error().message};
  return nullptr;
}

}  // namespace

std::vector<Block> WarmBlocks(StudyState& state, const std::string& recipe,
                              const std::vector<ServerSession*>& sessions,
                              std::list<Prepared>& prepared, const Share& share) {
  std::vector<Block> blocks;
  const auto until = [&](double part) -> std::optional<TimePoint> {
    if (!Limited(state)) return {};
    const std::chrono::duration<double> seconds(part * share.seconds);
    return share.began + std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds);
  };
  std::vector<std::string> left_out;
  for (const auto& link : state.links) {
    for (const CorpusEntry& entry : state.corpus.entries) {
      if (entry.recipe != recipe) continue;
      for (const RequestClass& c : ClassesOf(state.options, entry)) {
        Block block{
            .link = link, .name = c.name, .parts = OpenParts(state, entry, c, link, sessions)};
        if (block.parts.empty() || Stopped(state)) continue;
        if (Limited(state) && !blocks.empty() && Now() > *until(kWarming)) {
          LeaveOut(block);
          left_out.push_back(link == kLoopback ? c.name : c.name + " over " + link);
          continue;
        }
        block.prepared = PreparedOf(state, entry, c.path, prepared, block.parts);
        if (block.prepared == nullptr) continue;
        std::erase_if(block.parts, [&](BlockPart& part) {
          if (Stopped(state) || state.refused.contains(part.session->choice.label)) return true;
          const auto ms = WarmPart(state, *block.prepared, part, until(kRepeating));
          if (!ms) return true;
          part.cell->state = {CellStatus::kMeasured};
          block.seconds += *ms / 1e3;
          return false;
        });
        if (block.parts.empty()) continue;
        // The kernels are warmed up as well.
        if (auto floor = MeasureFloor(*block.prepared, state.renderer, state.rendered); floor) {
          block.seconds += floor->total_ms / 1e3;
        } else {
          Say(state, fmt::format("{}: the floor: {}", c.name, floor.error().message));
        }
        blocks.push_back(std::move(block));
      }
    }
    if (!blocks.empty())
      Say(state, fmt::format("{}, {}: {} servers are warm", recipe, link, sessions.size()));
  }
  if (!left_out.empty())
    Say(state, fmt::format("{}: left out, no time was left to warm them up: {}", recipe,
                           fmt::join(left_out, ", ")));
  return blocks;
}

void WatchIdle(const StudyState& state, const std::vector<ServerSession*>& sessions) {
  constexpr auto kLook = std::chrono::milliseconds(250);
  for (int look = 0; look < 8 && !Stopped(state); ++look) {
    std::vector<double> before;
    for (const ServerSession* session : sessions)
      before.push_back(CpuSeconds(session->running->ProcessIds()));
    std::this_thread::sleep_for(kLook);
    double most = 0;
    for (size_t i = 0; i < sessions.size(); ++i) {
      const double share = (CpuSeconds(sessions[i]->running->ProcessIds()) - before[i]) /
                           std::chrono::duration<double>(kLook).count();
      sessions[i]->idle_cpu = share;
      most = std::max(most, share);
    }
    if (most < kIdle) break;
  }
  for (ServerSession* session : sessions)
    session->about->idle_cpu = std::max(session->about->idle_cpu.value_or(0), session->idle_cpu);
}

void ReadBack(StudyState& state, const std::vector<Block>& blocks,
              const std::vector<ServerSession*>& sessions) {
  for (ServerSession* session : sessions) {
    if (Stopped(state) || state.refused.contains(session->choice.label) ||
        !state.told.insert(session->choice.label).second)
      continue;
    const Prepared* cheapest = nullptr;
    for (const Block& block : blocks) {
      const bool takes = std::ranges::any_of(
          block.parts, [&](const BlockPart& p) { return p.session == session; });
      if (!takes || block.link != kLoopback || block.prepared->info) continue;
      const auto area = [](const Prepared* p) {
        return int64_t{p->answer.picture.width()} * p->answer.picture.height();
      };
      if (cheapest == nullptr || area(block.prepared) < area(cheapest)) cheapest = block.prepared;
    }
    if (cheapest == nullptr) continue;
    auto read =
        ReadBackSettings(*session->running, session->running->ImageUrl(cheapest->entry->file),
                         cheapest->entry->size);
    if (!read) {
      session->about->effective["unread"] = read.error().message;
      if (auto alive = session->running->Check(); !alive) NoteDeath(state, *session, alive.error());
      continue;
    }
    for (auto& [name, value] : *read) session->about->effective[name] = value;
    session->running->TakeLog();
  }
}

}  // namespace iiifbench
