// observer: the inside of observe: one attribution's client, cases and rounds. Not for others.
//
// setup.cc reads the server and makes the cases, answers.cc asks and checks one, rounds.cc decides
// what is asked and which kernels run, screening.cc drops hypotheses. Times in milliseconds but for
// budgets (seconds).
#pragma once

#include <random>

#include "harness/attribution/milliseconds.h"
#include "harness/attribution/observe.h"
#include "harness/http/client.h"
#include "kernels/iiif/render.h"

namespace iiifbench {

class Observer {
 public:
  Observer(const ObserveOptions& options, Observed& out)
      : options_(options),
        out_(out),
        client_({.headers = options.headers}),
        random_(options.seed) {}

  Result<void> Run();

 private:
  struct Answer {
    std::vector<uint8_t> body;  // the first, checked one
    std::string wrong;          // why this case is left out
  };

  bool Stopped() const {
    return lost_ >= kLost || (options_.stop != nullptr && options_.stop->load());
  }
  double Elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  void Say(const std::string& line) const {
    if (options_.progress) options_.progress(line);
  }
  std::string UrlOf(const Case& c) const {
    return (c.probe.image == 0 ? options_.url
                               : ladder_urls_[static_cast<size_t>(c.probe.image) - 1]) +
           "/" + c.probe.path;
  }
  Case* Find(const std::string& name) {
    for (auto& c : out_.cases) {
      if (c.probe.name == name &&
          answers_[static_cast<size_t>(&c - out_.cases.data())].wrong.empty())
        return &c;
    }
    return nullptr;
  }
  Result<void> ReadServer();
  void PlaceLadder();
  Result<void> MakeCases();
  void WarmUp();
  void TakeSignatures();
  void JudgeSignatures();
  void PruneHypotheses();
  void PruneMeasured();
  void PruneByPixels();
  void Screen();
  // The cases of one kind in random order.
  std::vector<size_t> Shuffled(bool (*wanted)(const Case&));
  // Whether another step may not end within the budget.
  bool OutOfTime() const {
    return Stopped() || Elapsed() + longest_step_ > options_.budget.count();
  }
  void Step(size_t number, bool kernels);
  void Rounds();
  void Ask(Case& c, Answer& answer, bool evidence);
  Result<void> CheckFirst(Case& c, const Exchange& exchange);
  void MeasureKernels(const Case& c);
  void DropWrongAnswers();
  void JudgeEncoder();

  static constexpr int kLost = 4;  // connections refused one after another: the server is gone
  int lost_ = 0;
  const ObserveOptions& options_;
  Observed& out_;
  Client client_;
  std::mt19937_64 random_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<std::string> ladder_urls_;
  std::vector<Answer> answers_;
  int rounded_ = 0;                   // first answers whose size was not ours and allowed
  std::string rounding_;              // the first of them
  double longest_step_ = 0;           // seconds of a request with its kernels
  std::vector<double> early_, late_;  // latencies of rounds over the case's median
  std::string full_ = "full", upscale_;
  Renderer renderer_;
};

}  // namespace iiifbench
