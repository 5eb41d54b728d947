// drawn_plan: what a test server shall do wrong, drawn from a seed: the unknown that an attribution
// must find.
//
// A plan is a fault plan (reference_fault_plan.h) for one file of the corpus, and the words that
// the truth has for it. Constant delays are drawn for `overhead` and `read` only: a delay that
// every request pays is overhead to anybody outside, whatever it is called inside. Randomness: raw
// std::mt19937_64 of (seed, number), so that a plan does not depend on how many are drawn. kDrawing
// 2 draws, after all that kDrawing 1 drew: a subprocess with a temporary file (8 % of the plans),
// then triangle in place of box (40 % of these); other plans of a seed are as they were.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

constexpr int kDrawing = 2;

struct DrawnPlan {
  uint64_t seed = 1;
  int number = 0;
  std::string recipe;     // of the corpus
  nlohmann::json faults;  // a fault plan
  int workers = 1;
  std::string decode_name, resize_name, noop_resize_name;  // as Hypothesis names them

  bool cached() const { return faults.value("cache", false); }
  // "full/none library, bicubic+always, encode x2.3, +12.0 ms overhead"
  std::string Describe() const;
};

DrawnPlan DrawPlan(uint64_t seed, int number);

// Requests that the estimator may not fit: tiles, regions at other scales, a text line, whole
// pages.
std::vector<std::string> DrawRequests(uint64_t seed, int number, Size image);

}  // namespace iiifbench
