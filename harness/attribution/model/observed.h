// observed: everything that an attribution stands on: answers of a server to the designed probes,
// costs of our kernels for the same work, and what the server says or shows by itself.
//
// Made by observe/observe.h, completed by evidence/. Units: milliseconds.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/attribution/model/case.h"
#include "harness/attribution/model/hypothesis.h"
#include "harness/attribution/model/kernel_cost.h"
#include "harness/attribution/model/latency_part.h"
#include "harness/attribution/model/network.h"
#include "harness/attribution/model/resize_pixels.h"
#include "harness/attribution/model/size_series.h"
#include "harness/attribution/stand_in/block_grid.h"
#include "harness/attribution/stand_in/fetch_picture.h"
#include "harness/attribution/stand_in/stand_ins.h"
#include "harness/attribution/stand_in/wavelet_trace.h"
#include "harness/findings/finding.h"
#include "harness/http/store_tap.h"
#include "harness/servers/launch/process_usage.h"

namespace iiifbench {

// What one method says of a request: the milliseconds of a stage or another part in each answer.
using StageSamples = PartMap<std::vector<double>>;

struct RepeatedRequest {
  std::string name;
  double first_ms = 0;
  double again_ms = 0;  // median of the repeats
};

// One answer's reads.
struct StoreSample {
  std::string path;
  double stalled_ms = 0;
  StoreStall stall;
  std::vector<int64_t> ids;
};

// Ratios of medians that tell strategies apart before any fit; none where not measured (no size
// series, a probe that the picture is too small for or that was answered wrongly): comparisons with
// it are false.
struct Signatures {
  std::optional<double>
      second_to_first;                  // without the network; small where a cache answers repeats
  std::optional<double> bottom_to_top;  // far above 1: a sequential decoder
  std::optional<double>
      above_level;  // full one pixel above 1/8 : at 1/8; a step: levels or DCT scaling are used
  std::optional<double> pixel_to_small;  // one pixel of the page : of a 64 px picture; large: work
                                         // on the whole picture
  std::optional<double>
      info_to_small;    // info.json, likewise; above 3: the file is parsed each time
  bool cached = false;  // repeats cost no more than an info.json
  double info_ms = 0;   // of the page, without the network
  std::vector<RepeatedRequest> repeats;
};

// Where the file is not at hand: what stands for it.
struct WithoutFile {
  FetchedPicture fetched;     // without its pixels once all is encoded
  std::vector<Image> others;  // likewise, of the size series
  InfoDocument info;          // of info.json
  StandIns stand_ins;         // the first is what answers are compared with
  BlockGrid grid;             // what the pixels say of a JPEG behind them
  WaveletTrace wavelet;       // and of a lossy JPEG 2000
  // Ways that were not encoded, or dropped before the fit, with the reason.
  std::vector<std::pair<WayToStore, std::string>> left_out;
};

struct Observed {
  std::string codec;
  std::unique_ptr<ImageInfo> info;
  SizeSeries series;
  std::vector<Case> cases;
  std::unique_ptr<KernelCosts> costs = std::make_unique<KernelCosts>();  // works hold its address
  std::vector<Hypothesis> hypotheses;                                    // that survived
  std::vector<std::pair<Hypothesis, double>> screened;  // dropped after the core, with their error
  std::optional<WithoutFile> without_file;              // none: the source is at hand
  Signatures signatures;
  std::optional<ResizePixels> resize_pixels;  // where answers tell filters
  NetworkCost network;
  Wire wire;
  int exchanges = 0;                    // requests to the image server that the steps below counted
  int fresh_connections = 0;            // of them on a connection that was opened for it
  int closing = 0;                      // answers that said so
  int from_cache = 0;                   // answers that a cache before the server says it gave
  std::string cache_words;              // of the first of them: "Age: 12, X-Cache: HIT"
  std::map<std::string, int> failures;  // kind (http/failure_kind.h) -> how many
  std::map<std::string, std::map<std::string, StageSamples>> methods;  // path -> method -> part
  std::map<std::string, std::vector<ProcessUsage>>
      process;  // path -> of each answer, while it was made
  std::vector<Finding> findings, refusals;
  int rounds = 0;
  // Our own kernels: processor time, and waiting for a core that something else had.
  double own_cpu_ms = 0, own_run_queue_ms = 0;
  double resident_at_start = -1;           // share of the source in the page cache; -1: not known
  std::vector<StoreSample> store_samples;  // of the requests of interest, where there is a tap
  double drift = 0;                        // last half of the rounds against the first, less 1
  int image_answers = 0, wrong_answers = 0;
  bool foreign_encoder = false;
  double seconds = 0;
};

}  // namespace iiifbench
