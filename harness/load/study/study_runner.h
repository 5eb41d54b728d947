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
  std::mt19937_64 random_;
  Renderer renderer_;
  Rendered rendered_;
};

}  // namespace iiifbench
