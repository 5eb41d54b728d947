// study_runner: the turns of a study: recipe by recipe, round by round, request by request, all
// servers and the floor in random order.
#pragma once

#include <list>
#include <optional>
#include <random>
#include <set>

#include "harness/study/cell_work.h"
#include "harness/study/request_class.h"
#include "harness/study/running/budget.h"
#include "harness/study/sample_log.h"
#include "harness/study/server_seat.h"

namespace iiifbench {

class StudyRunner {
 public:
  StudyRunner(const StudyOptions& options, const Corpus& corpus, EarlierSamples earlier,
              SampleLog log, Study& study);
  // All servers over all recipes and links.
  void Run(const std::vector<ServerChoice>& choices);

 private:
  using Clock = std::chrono::steady_clock;
  // A server's part in one turn.
  struct Part {
    StudyCell* cell = nullptr;
    ServerSeat* seat = nullptr;
    std::string url;
  };
  // One request, for all servers over one link.
  struct Turn {
    const Prepared* prepared = nullptr;
    std::string link, name;  // of its request class
    std::vector<Part> parts;
    double seconds = 0;  // when it was warm, with the floor
  };
  // What a file type may take.
  struct Share {
    Clock::time_point began;
    double seconds = 0;  // 0 may be all that is left
    double Left() const {
      return seconds - std::chrono::duration<double>(Clock::now() - began).count();
    }
  };

  bool Stopped() const;
  void Say(const std::string& line) const;
  bool Open(const StudyCell& cell) const;
  std::vector<RequestClass> Classes(const CorpusEntry& entry) const;
  void MakeCells(const ServerChoice& choice);
  int OpenCells(const std::string& server, const std::string& recipe) const;
  ServerSeat* Seat(const ServerChoice& choice);
  bool Limited() const { return options_.budget.count() > 0; }
  void WeighRecipes();
  double RoundSeconds(const std::string& recipe, double asks_on_loopback) const;
  TimeNeed NeedOf(const std::string& recipe) const;
  // Of the time that is left: what a file type that needs `need` may take beside the others; and
  // all minutes of the study that would hold six rounds of each.
  struct Allotted {
    double seconds = 0, enough_minutes = 0;
    bool enough = false;
  };
  Allotted Allot(const std::string& recipe, const TimeNeed& need) const;
  void LeaveOut(Turn& turn);
  void FitTurns(const std::string& recipe, std::vector<Turn>& turns, Share& share);
  void RunRecipe(const std::string& recipe, const std::vector<ServerChoice>& choices);
  std::vector<Part> OpenParts(const CorpusEntry& entry, const RequestClass& c,
                              const std::string& link, const std::vector<ServerSeat*>& seats);
  const Prepared* PreparedOf(const CorpusEntry& entry, const std::string& path,
                             std::list<Prepared>& prepared, std::vector<Part>& parts);
  std::vector<Turn> WarmTurns(const std::string& recipe, const std::vector<ServerSeat*>& seats,
                              std::list<Prepared>& prepared, const Share& share);
  std::optional<double> WarmPart(const Prepared& prepared, Part& part,
                                 std::optional<Clock::time_point> until);
  void TakeRounds(const std::string& recipe, std::vector<Turn>& turns, size_t servers,
                  const Share& share);
  void WatchIdle(const std::vector<ServerSeat*>& seats);
  void ReadBack(const std::vector<Turn>& turns, const std::vector<ServerSeat*>& seats);
  void TakeTurn(Turn& turn, int round);
  bool Ask(const Turn& turn, Part& part, int round);
  void Died(ServerSeat& seat, const Error& error);
  void Finish(const ServerChoice& choice);
  StudyServer& About(const std::string& label);

  const StudyOptions& options_;
  const Corpus& corpus_;
  EarlierSamples earlier_;
  SampleLog log_;
  Study& study_;
  std::vector<std::string> links_;
  std::list<ServerSeat> seats_;
  std::set<std::string> refused_;  // servers that could not be started, or died
  std::set<std::string> told_;     // servers that were asked for their settings
  std::map<std::pair<std::string, std::string>, double>
      floors_;  // seconds, by file and path of the request
  // Seconds that an answer takes beyond the floor, by the file types so far; below 0: none was
  // warmed up yet.
  double beyond_floor_ = -1;
  Clock::time_point began_ = Clock::now();
  std::mt19937_64 random_;
  Renderer renderer_;
  Rendered rendered_;
};

}  // namespace iiifbench
