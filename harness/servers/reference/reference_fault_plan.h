// reference_fault_plan: what the reference server shall do worse than it can, so that attributions
// can be checked against a known truth.
//
// JSON, every member optional:
//   {"access": "region" | "rows" | "full", "levels": "fitting" | "none" | "full_only" | "finer",
//    "variant": "best" | "library", "filter": "bicubic" | ..., "resample_always": false,
//    "multiplier": {"read": 1, "decode": 1, "resize": 1, "convert": 1, "encode": 1},
//    "delay_ms": {"read": 0, "decode": 0, "resize": 0, "convert": 0, "encode": 0, "overhead": 0},
//    "read_ms_per_mb": 0, "info_delay_ms": 0, "cache": false,
//    "subprocess": false, "decode_threads": 0, "touch_mb_per_mpx": 0, "parse_ms_per_mb": 0,
//    "overlap": false, "store": "http://host:port/folder/", "store_chunk_kb": 64, "pause_every": 0,
//    "pause_ms": 0, "spoil_every": 1, "answer": "right" | "truncated" | "html" | "hang" | "grey" |
//    "smaller"}
// A multiplier m repeats the stage's work for (m - 1) times its duration; a delay waits. Both count
// to the stage in Server-Timing, so that the truth is measured, not planned. With "overlap" the
// additional work of decode and encode is done at the same time, so that stages sum to more than
// the latency. "store": sources are read from there in ranges of at least "store_chunk_kb". Errors:
// kBadRequest names the member and what is allowed.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "harness/servers/faults/burdens.h"
#include "kernels/iiif/render_plan.h"
#include "kernels/image/stage.h"

namespace iiifbench {

enum class FaultyAnswer { kRight, kTruncated, kHtml, kHang, kGrey, kSmaller };

struct FaultPlan {
  DecodeHabit habit;
  Variant variant = Variant::kBest;
  Filter filter = Filter::kBicubic;
  bool resample_always = false;
  std::array<double, kStageCount> multiplier = {1, 1, 1, 1, 1, 1, 1, 1};
  StageTimes delay;
  double read_ms_per_mb = 0;
  std::chrono::nanoseconds info_delay{};
  bool cache = false;   // of answers
  int pause_every = 0;  // every n-th image request waits for `pause`; 0: never
  std::chrono::nanoseconds pause{};
  Burdens burdens;
  bool overlap = false;
  std::string store;
  int store_chunk_kb = 64;
  FaultyAnswer answer = FaultyAnswer::kRight;
  int spoil_every = 1;  // every n-th answer is `answer`, the others are right

  RenderSettings Apply(RenderSettings settings) const;
  // Carries the burdens, by the file and the region; adds to decode.
  void Carry(StageTimes& stages, int64_t file_bytes, int64_t region_pixels) const;
  // Spends the additional time of every stage and adds it to `stages`.
  void Spend(StageTimes& stages, int64_t bytes_read) const;
};

Result<FaultPlan> ParseFaultPlan(std::string_view json);

}  // namespace iiifbench
