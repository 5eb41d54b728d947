// kernel_cost: what our kernels need for the work that a server may do for a request: the ruler of
// an attribution.
//
// Works are registered first and measured round by round, between the server's requests, so that
// both see the same machine. Costs are medians over rounds, in milliseconds; a file is opened and
// probed within "decode" as a server would, reading apart. Buffers are kept: kernels do not pay for
// page faults. Caches are not: before each run other memory is walked, because a server does other
// work, and its client too, between two requests. Threads: none; one instance at a time measures.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/answers/encoder_facts.h"
#include "harness/stats/quantile.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

class KernelCosts {
 public:
  // Each returns the number of the work; equal works share one. `file` names a source.
  int Decode(const std::string& file, const ImageInfo& info, const RenderPlan& plan);
  int Resize(const RenderPlan& plan, int channels, Filter filter);
  // A box shrink by whole factors to at least twice the answer, then `filter`; Resize where there
  // is none.
  int TwoStepResize(const RenderPlan& plan, int channels, Filter filter);
  int Encode(ConstPixelView picture, const EncoderFacts& facts);
  int Convert(const RenderPlan& plan, int channels);
  // Any other work, its milliseconds returned by `run`.
  int Add(const std::string& key, std::function<double()> run);

  // What the first touch of a megabyte of new memory costs, page by page; 0 while not measured. A
  // server that allocates every picture anew pays it, a kernel that keeps its buffers does not.
  double faults_ms_per_mb() const { return faults_.empty() ? 0 : Median(faults_); }
  void MeasureFaults();
  // Runs a decode once on a heap without kept memory; its page faults say how many bytes it
  // allocates and touches for each byte that it delivers (OpenJPEG: planes of 32 bits). 0 while not
  // measured.
  // `stand_in`: the file of one; empty: the source.
  double decoder_memory(const std::string& stand_in = {}) const {
    const auto found = decoder_memory_.find(stand_in);
    return found == decoder_memory_.end() ? 0 : found->second;
  }
  void MeasureDecoderMemory(int work, int64_t delivered_bytes, const std::string& stand_in = {});

  // Costs that an earlier sitting measured, by a work's NameOf: works that are registered later
  // have them, others where they are recalled under a name of the caller's. `read_ms` below 0:
  // none.
  void Remember(const std::string& name, double ms, double read_ms, int64_t bytes_read);
  void Recall(int work, const std::string& name);
  // Its key, without the folder of its file.
  std::string NameOf(int work) const;

  // Measures a work once more; a work that fails costs nothing and says why in error().
  void Measure(int work);
  double ms(int work) const;       // the median; 0 while not measured
  double read_ms(int work) const;  // of a decode: time in read calls, part of ms()
  const std::vector<double>& samples_ms(int work) const {
    return works_[static_cast<size_t>(work)].ms;
  }
  const std::vector<double>& read_samples_ms(int work) const {
    return works_[static_cast<size_t>(work)].read_ms;
  }
  int64_t bytes_read(int work) const { return works_[static_cast<size_t>(work)].bytes_read; }
  int samples(int work) const {
    return static_cast<int>(works_[static_cast<size_t>(work)].ms.size());
  }
  int count() const { return static_cast<int>(works_.size()); }
  const std::string& key(int work) const { return works_[static_cast<size_t>(work)].key; }
  const std::string& error() const { return error_; }

 private:
  struct Work {
    std::string key;
    std::function<double(Work& work)> run;  // returns milliseconds, negative on failure
    std::vector<double> ms, read_ms;
    int64_t bytes_read = 0;
  };
  int Register(const std::string& key, std::function<double(Work&)> run);
  void Evict();
  PixelView Scratch(std::vector<uint8_t>& memory, Size size, int channels);

  std::vector<Work> works_;
  std::map<std::string, int> numbers_;
  struct Remembered {
    std::vector<double> ms, read_ms;
    int64_t bytes_read = 0;
  };
  std::map<std::string, Remembered> earlier_;
  std::vector<double> faults_;
  std::map<std::string, double> decoder_memory_;
  std::vector<uint8_t> first_, second_, walked_;
  std::string error_;
};

// The picture between the two steps.
Size ShrunkFirst(Size from, Size to);

}  // namespace iiifbench
