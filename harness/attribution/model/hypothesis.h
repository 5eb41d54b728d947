// hypothesis: a way in which a server may do its work, as numbers of our kernels for every request.
//
// A hypothesis is a decode habit (how much, at which level, by which variant of the kernel), a
// resize habit (filter; also where sizes are equal), an allocator's state, what it costs to start a
// stage and to hand rows over, and at most one additional column. Columns of its matrix, in this
// order: constant of every request, constant of an image request, additional (MB of the file for
// every request, or MB read by the decode), decode, resize, then encode, or output megapixels and
// megabits where the encoder is none that we link. Two hypotheses with equal matrices are one.
// Names: decode "access/levels"
// ("region/fitting", "tiles/none"), resize "antialiased" or "point", no-op resize "done" or
// "skipped" at equal sizes.
#pragma once

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "harness/attribution/model/case.h"
#include "harness/attribution/model/kernel_cost.h"
#include "harness/attribution/stand_in/stored_as.h"

namespace iiifbench {

enum class Additional { kNone, kFile, kRead };
// Memory that a request touches for the first time: none (buffers and heap are kept), its pictures,
// or also all that the decoder allocates (a heap that goes back to the system after each request,
// or a new process).
enum class NewMemory { kNone, kPictures, kAll };

struct Hypothesis {
  // The stand-in that the server's file is taken to be like; null: the case's own file.
  const StoredAs* stored = nullptr;
  DecodeHabit habit;
  Variant variant = Variant::kLibrary;
  Filter filter = Filter::kBicubic;
  bool resample_always = false;
  Additional additional = Additional::kNone;
  // JPEG 2000: each tile that the region touches is decoded whole; 512 x 512 of the level where the
  // stream has no tiles, as libvips cuts it.
  bool whole_tiles = false;
  // The resize costs half a nanosecond per tap and channel, rows first: a resampler without SIMD
  // (Pillow's, Java's), whose cost is shaped otherwise than our kernel's.
  bool by_taps = false;
  // The resize shrinks by whole factors first (box), down to twice the answer, then filters:
  // libvips' habit.
  bool two_step = false;
  NewMemory memory = NewMemory::kNone;
  // Milliseconds that each stage costs before its first pixel, in multiples of ours as its kernel:
  // a library that runs every stage as a pipeline of its own (libvips). Only the resize's can be
  // seen, because requests of equal sizes have none; decode and encode, which every picture needs,
  // are taken to start alike.
  double start_ms = 0;
  // Milliseconds for each megapixel that the decoder hands over, in multiples of ours as its
  // kernel: rows copied one by one into the server's picture (Java's ImageIO; Pillow's unpacking to
  // four bytes). Of the decode, as logs and profiles count it; told from a resize by requests of
  // equal sizes, which have none.
  double row_copy_ms_per_megapixel = 0;

  std::string decode_name() const;
  std::string resize_name() const;
  std::string noop_resize_name() const;
  RenderSettings settings() const;
};

enum Column { kInfo, kImage, kAdditional, kDecode, kResize, kEncode, kBits, kColumns };

std::vector<Hypothesis> AllHypotheses(const std::string& codec, const ImageInfo& info);
// The file that a case is answered from under a hypothesis.
const ImageInfo& InfoOf(const Case& c, const Hypothesis& hypothesis);
const std::string& FileOf(const Case& c, const Hypothesis& hypothesis);
std::string StandInOf(const Hypothesis& hypothesis);  // empty: none
// What the server would do for the request.
Result<RenderPlan> PlanOf(const Case& c, const Hypothesis& hypothesis);
// The works of one case under a hypothesis; -1 where there is none.
struct CaseWorks {
  int decode = -1;
  int resize = -1;
  int64_t decoded_pixels = 0, output_pixels = 0;
  // By the decoder: a sequential one throws away what lies outside the region.
  int64_t copied_pixels = 0;
  double taps_ms = 0;  // of the resize, by its taps
};
CaseWorks WorksOf(const Case& c, const Hypothesis& hypothesis, KernelCosts& costs);
// Of one picture to another size by a filter of support 3: taps of both passes.
double TapsMs(Size from, Size to, int channels);
// The same after a box shrink by whole factors, columns first.
double TwoStepTapsMs(Size from, Size to, int channels);
Eigen::MatrixXd MatrixOf(const std::vector<Case>& cases, const Hypothesis& hypothesis,
                         KernelCosts& costs, bool foreign_encoder);

}  // namespace iiifbench
