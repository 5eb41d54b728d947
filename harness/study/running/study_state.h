// study_state: what a study holds while it runs, and the words of its parts.
//
// A block is one request, asked of all servers over one link in random order; a round is all blocks
// once. Threads: one.
#pragma once

#include <chrono>
#include <list>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/study/cell_work.h"
#include "harness/study/request_class.h"
#include "harness/study/sample_log.h"
#include "harness/study/server_session.h"

namespace iiifbench {

using TimePoint = std::chrono::steady_clock::time_point;
inline TimePoint Now() { return std::chrono::steady_clock::now(); }

struct StudyState {
  const StudyOptions& options;
  const Corpus& corpus;
  EarlierSamples earlier;
  SampleLog log;
  Study& study;
  std::vector<std::string> links;
  std::vector<StudyBlock> blocks;
  std::vector<StudyUnit> units;              // of all parts
  std::map<BlockKey, std::set<int>> rounds;  // of ours
  std::list<ServerSession> sessions;
  std::set<std::string> refused;  // servers that could not be started, or died
  std::set<std::string> told;     // servers that were asked for their settings
  // Seconds of our kernels, by file and path of the request.
  std::map<std::pair<std::string, std::string>, double> floors;
  // Seconds that an answer takes beyond the floor, by the file types so far; below 0: none was
  // warmed up yet.
  double beyond_floor = -1;
  TimePoint began = Now();
  std::mt19937_64 random;
  Renderer renderer;
  Rendered rendered;
};

// A server's part in one block.
struct BlockPart {
  StudyCell* cell = nullptr;
  ServerSession* session = nullptr;
  std::string url;
};
struct Block {
  const Prepared* prepared = nullptr;
  std::string link, name;  // of its request class
  std::vector<BlockPart> parts;
  double seconds = 0;  // when it was warm, with the floor
};
// What a file type may take.
struct Share {
  TimePoint began;
  double seconds = 0;  // 0 may be all that is left
  double Left() const { return seconds - std::chrono::duration<double>(Now() - began).count(); }
};

bool Stopped(const StudyState& state);
void Say(const StudyState& state, const std::string& line);
inline bool Limited(const StudyState& state) { return state.options.budget.count() > 0; }

// Still to be measured.
bool IsOpen(const StudyCell& cell);
// Of any server or recipe where the name is empty.
int OpenCells(const StudyState& state, const std::string& server, const std::string& recipe);
std::vector<RequestClass> ClassesOf(const StudyOptions& options, const CorpusEntry& entry);
StudyServer& AboutOf(Study& study, const std::string& label);

}  // namespace iiifbench
