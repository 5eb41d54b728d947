// study_runner: one server of a study after the other: cells, warm-up, rounds over every link.
#pragma once

#include <random>

#include "harness/load/client.h"
#include "harness/load/request_class.h"
#include "harness/load/study/sample_log.h"
#include "kernels/iiif/render.h"

namespace iiifbench {

// One cell while it is measured.
struct StudyWork {
  StudyCell* cell = nullptr;
  const CorpusEntry* entry = nullptr;
  std::string url;
  RenderPlan plan;  // unused for info
  bool info = false;
  Image expected;
};

class StudyRunner {
 public:
  StudyRunner(const StudyOptions& options, const Corpus& corpus, EarlierSamples earlier, SampleLog log,
              Study& study);
  void RunServer(const Server& server);
  // `servers` are still to be measured, each over every link.
  void ShareBudget(int servers) { parts_left_ = servers * (1 + static_cast<int>(options_.links_ms.size())); }

 private:
  bool Stopped() const;
  void Say(const std::string& line) const;
  bool Complete(const StudyCell& cell) const;
  std::vector<RequestClass> Classes(Size size) const;
  void MakeCells(const Server& server, const std::string& link);
  bool RunLink(const std::string& link, size_t first, RunningServer& running, StudyServer& about);
  void Round(std::vector<StudyWork>& works, Client& client, RunningServer& running);
  void Sample(StudyWork& work, Client& client, RunningServer& running);
  void ShareFloors(size_t first);

  const StudyOptions& options_;
  const Corpus& corpus_;
  EarlierSamples earlier_;
  SampleLog log_;
  Study& study_;
  int parts_left_ = 1;  // of the budget: a server over a link
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::mt19937_64 random_;
  Renderer renderer_;
  Rendered rendered_;
};

}  // namespace iiifbench
