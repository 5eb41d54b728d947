// cell_work: what one request of a study needs: its right answer, its floor, its warm-up, its
// sample.
//
// Prepared is one request of one page, shared by all servers and links. Units: milliseconds in
// cells. Memory: the right picture in full. Errors: of the codec (the file), of the answer (what
// came instead).
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "harness/answers/expected_answer.h"
#include "harness/http/client.h"
#include "harness/study/study.h"

namespace iiifbench {

struct Prepared {
  const CorpusEntry* entry = nullptr;
  std::string path;  // after the identifier
  bool info = false;
  ExpectedAnswer answer;  // unused for info
};
Result<Prepared> Prepare(const CorpusEntry& entry, const std::string& path, int jpeg_quality);

// Our own cost of the same answer, opening and probing the file included: that is what a server
// does.
struct Floor {
  double total_ms = 0;
  StageMap<double> stages_ms;
};
Result<Floor> MeasureFloor(const Prepared& prepared, Renderer& renderer, Rendered& rendered);

// Is it the right answer? Checked by expected_answer; info.json by its dimensions.
Result<ResponseFacts> CheckAnswer(const Prepared& prepared, const Exchange& exchange);

// The state of a cell whose answer is not right. One that came whole, with status 200, and is wrong
// ranks nowhere, and a report says so.
CellState WrongAnswer(const Error& error);

// Sends the request until two windows of three agree within 15 %, at most 12 times, once behind a
// link (its server is warm) and when the time is up; notes what the answer tells of itself. The
// milliseconds of the last. A wrong answer is the error.
Result<double> WarmUp(const Prepared& prepared, StudyCell& cell, const std::string& url,
                      Client& client, RunningServer& running, int jpeg_quality,
                      std::optional<std::chrono::steady_clock::time_point> until);

// Latency and parts of a right answer, and the server's own word about it: header first, log
// otherwise.
void TakeSample(StudyCell& cell, int round, const Exchange& exchange,
                const std::vector<LoggedRequest>& log);

}  // namespace iiifbench
