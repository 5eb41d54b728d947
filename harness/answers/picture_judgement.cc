#include "harness/answers/picture_judgement.h"

#include <algorithm>

#include "harness/answers/coded_alike.h"
#include "harness/answers/picture_alternatives.h"
#include "harness/answers/picture_change.h"
#include "kernels/pixels/resize.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {
namespace {

constexpr int64_t kMostCompared = int64_t{640} * 640;  // larger pictures are halved first
constexpr double kRounding = 0.2;    // variance that rounding to 8 bits makes, twice and by filters
constexpr double kLeastPower = 0.1;  // of detail; a third of a level is not seen and not kept
constexpr double kTestable = 0.5;    // least r' of an octave that can be judged
constexpr double kPlaceTestable = 0.6;
constexpr double kLeastPlaceLikeness = 0.35;
constexpr int64_t kLeastPlaceCount = 40;
constexpr double kRestless = 6, kRestlessFloor = 16;  // power of detail that is not ours
constexpr double kSpeck = 0.05;           // power of detail in a place over the mean of all places
constexpr double kNoDetail = 0.02;        // power of the answer over what coding leaves of ours
constexpr double kLeastExplained = 0.72;  // honest answers: 0.77 and more
// Below this much explained, no alternative may be that much better where ours is much less than
// coding leaves.
constexpr double kSurelyExplained = 0.85, kBetterAlternative = 0.15, kMuchLess = 0.6;
// One that is as like as coding leaves anything need be better by less.
constexpr double kAllOfIt = 0.9, kLess = 0.8;
constexpr int64_t kTinyPixels = 24 * 24;
// Of so few pixels a sampler without a filter leaves little, and an edge of a page looks like its
// mirror: neither right nor wrong between these shares of explained detail.
constexpr int64_t kSmallPixels = 100 * 100;
constexpr double kHalfExplained = 0.5, kNearlyOurs = 0.88;
constexpr double kMostDoubtful = 0.35;  // of its area that is not like ours
constexpr double kOnePlace = 1.1;
// Of brightness or a tint where nothing else can be judged: an honest q30 moves them by 3; one
// pixel of a dense page depends on the neighbours that were averaged.
constexpr double kFlatLevel = 5, kTinyLevel = 16;
constexpr double kMostMissing = 0.04;  // share of places without their detail
constexpr double kMissingPower = 1;    // variance of detail that coding would have left in them
constexpr int kFewPlaces = 4;          // in a direction
constexpr double kMostResidual = 14;   // of a place's brightness, in sample values

Image Brightness(ConstPixelView picture) {
  Image gray(picture.size(), 1);
  if (picture.channels == 3) {
    ToGray(picture, gray.view());
  } else {
    CopyPixels(picture, gray.view());
  }
  return gray;
}

Image Reduced(ConstPixelView picture) {
  Image out({std::max(1, picture.width / 4), std::max(1, picture.height / 4)}, picture.channels);
  Resize(picture, WholeOf(picture.size()), out.view(), {.filter = Filter::kBox});
  return out;
}

// Reduced pictures do for colours where they are still larger than what those are compared at.
ColourFacts ColoursOf(ConstPixelView expected, ConstPixelView answer, double& psnr) {
  const Image small_expected = Reduced(expected), small_answer = Reduced(answer);
  psnr = Compare(small_answer.view(), small_expected.view()).psnr;
  const Size size = small_expected.size();
  return std::min(size.width, size.height) >= kColourSide
             ? CompareColours(small_expected.view(), small_answer.view())
             : CompareColours(expected, answer);
}

// Our rendering as a server makes it of the level below: half the size, enlarged again.
Image OfLevelBelow(ConstPixelView gray) {
  Image half({std::max(1, (gray.width + 1) / 2), std::max(1, (gray.height + 1) / 2)}, 1);
  Resize(gray, WholeOf(gray.size()), half.view(), {.filter = Filter::kBox});
  Image out(gray.size(), 1);
  Resize(half.view(), WholeOf(half.size()), out.view(), {.filter = Filter::kTriangle});
  return out;
}

// As often as it takes; `octaves` counts them.
Image Halved(Image picture, int& octaves) {
  octaves = 0;
  while (picture.size().pixels() > kMostCompared && picture.width() > 1 && picture.height() > 1) {
    Image half({picture.width() / 2, picture.height() / 2}, 1);
    Resize(picture.view().crop({0, 0, half.width() * 2, half.height() * 2}),
           WholeOf({half.width() * 2, half.height() * 2}), half.view(), {.filter = Filter::kBox});
    picture = std::move(half);
    ++octaves;
  }
  return picture;
}

// r' of an octave: what coding and rounding leave. Rounding noise halves with each octave.
double Kept(const BandShare& coded, int octave) {
  const double power = coded.expected_power();
  if (power <= 0) return 0;
  const double rounding = kRounding / std::pow(4.0, octave);
  return std::max(0.0, coded.likeness()) * std::sqrt(power / (power + rounding));
}

double LeastShare(int octave) { return kLeastShare[std::min(octave, 3)]; }

struct Octaves {
  double explained = 0, margin = 0;  // the margin: two deviations of what chance makes
  int judged = 0;
  int finest = 0;        // octave that could be judged
  int fine_failed = -1;  // the octave, counted in pixels of the answer
  double failed_r = 0, failed_kept = 0;
};

// The finest two octaves that can be judged, the very finest apart, must each be there; that one
// must where the next cannot be judged. All of them must on average.
Octaves JudgeOctaves(const PictureBands& bands, const PictureBands& coded, int first,
                     int least_octave) {
  Octaves out;
  double sum = 0, weights = 0, samples = 0;
  int fine = 0;
  for (size_t k = 0; k < bands.whole.size(); ++k) {
    const int octave = first + static_cast<int>(k);
    if (octave < least_octave) continue;
    const double kept = Kept(coded.whole[k], octave);
    const auto n = static_cast<double>(bands.whole[k].count);
    const double margin = 3 / std::sqrt(std::max(n, 1.0));  // three deviations of chance
    const double least = LeastShare(octave) * kept - margin;
    const double power = octave == 0 ? 4 * kLeastPower : kLeastPower;
    if (kept < kTestable || least < 0.2 || coded.whole[k].expected_power() < power) continue;
    const double r = bands.whole[k].likeness();
    const double weight = kept * kept * std::min(1.0, n / 400);
    sum += weight * std::clamp(r / kept, -1.0, 1.0), weights += weight;
    samples += n;
    if (out.judged++ == 0) out.finest = octave;
    const bool below = r < least, counts = octave == 0 || fine++ < 2;
    // Of grain a filter leaves other single pixels, and the same pairs of them.
    if (octave == 1 && !below && out.fine_failed == 0) out.fine_failed = -1;
    if (counts && below && out.fine_failed < 0)
      out.fine_failed = octave, out.failed_r = r, out.failed_kept = kept;
  }
  out.explained = weights > 0 ? sum / weights : 0;
  out.margin = samples > 0 ? 2 / std::sqrt(samples) : 0;
  return out;
}

struct Places {
  double foreign = 0, hidden = 0, missing = 0;  // shares of the area
  double one = 0;                               // of a place
};

// Of the small pictures' brightness, mean over one place of a grid.
double ResidualOf(const ColourFacts& colour, Size places, int column, int row) {
  const int left = colour.small.width * column / places.width,
            right = colour.small.width * (column + 1) / places.width,
            top = colour.small.height * row / places.height,
            bottom = colour.small.height * (row + 1) / places.height;
  double sum = 0;
  int count = 0;
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x, ++count)
      sum += colour.residual[static_cast<size_t>(y) * static_cast<size_t>(colour.small.width) +
                             static_cast<size_t>(x)];
  return count > 0 ? std::abs(sum / count) : 0;
}

// Share of the area whose brightness is another. A small picture has few places of bands: a grey
// half of it may be a half of each.
double DisplacedOf(const ColourFacts& colour) {
  constexpr int kSide = 6;
  const Size cells{std::max(1, colour.small.width / kSide),
                   std::max(1, colour.small.height / kSide)};
  int64_t displaced = 0;
  for (int row = 0; row < cells.height; ++row)
    for (int column = 0; column < cells.width; ++column)
      displaced += ResidualOf(colour, cells, column, row) > kMostResidual ? 1 : 0;
  return static_cast<double>(displaced) / static_cast<double>(cells.pixels());
}

// One place over the octaves that can be judged in it.
struct Place {
  double likeness = 0;        // mean r / r'
  double came = 0, kept = 0;  // power of detail: of the answer, and what coding leaves of ours
  bool testable = false, restless = false;
};

Place PlaceOf(const PictureBands& bands, const PictureBands& coded, size_t place, int first,
              int least_octave) {
  Place out;
  double sum = 0, weights = 0;
  for (size_t k = 0; k < bands.by_place.size(); ++k) {
    const int octave = first + static_cast<int>(k);
    if (octave < least_octave) continue;
    const BandShare& b = bands.by_place[k][place];
    const BandShare& q = coded.by_place[k][place];
    const double kept = Kept(q, octave);
    const double power = std::max(q.expected_power(), q.answer_power());
    out.restless = out.restless || b.answer_power() > kRestless * power + kRestlessFloor;
    if (kept < kPlaceTestable || b.count < kLeastPlaceCount) continue;
    const double weight = kept * kept * (octave == 0 ? 0.3 : 1);
    sum += weight * b.likeness() / kept, weights += weight;
    out.came += b.answer_power(), out.kept += q.answer_power();
  }
  out.testable = weights > 0.3;
  if (out.testable) out.likeness = sum / weights;
  return out;
}

Places JudgePlaces(const PictureBands& bands, const PictureBands& coded, int first,
                   int least_octave, const ColourFacts& colour) {
  std::vector<Place> places;
  double kept = 0;
  for (size_t i = 0; i < static_cast<size_t>(bands.places.pixels()); ++i) {
    places.push_back(PlaceOf(bands, coded, i, first, least_octave));
    kept += places.back().kept;
  }
  const double share = 1.0 / static_cast<double>(places.size());
  Places out{.one = share};
  for (size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    // A speck alone on the paper may fall between the samples of another filter.
    const double weight = kept > 0 ? place.kept / (kept * share) : 0;
    const bool unlike = place.testable && place.likeness < kLeastPlaceLikeness && weight > kSpeck;
    const auto column = static_cast<int>(i) % bands.places.width,
               row = static_cast<int>(i) / bands.places.width;
    const bool moved = ResidualOf(colour, bands.places, column, row) > kMostResidual;
    if (unlike || moved || place.restless) out.foreign += share;
    if (unlike) out.hidden += share;
    if (unlike && weight > 2 * kSpeck && place.kept > kMissingPower &&
        place.came < kNoDetail * place.kept)
      out.missing += share;
  }
  if (std::min(bands.places.width, bands.places.height) < kFewPlaces) {
    const double displaced = DisplacedOf(colour);
    if (displaced > kMostStamped) out.foreign = std::max(out.foreign, displaced);
  }
  return out;
}

// Finer than a shift of 3 % of the longer side, or 8 pixels (a sixteenth, where that is less): else
// the same picture moved could pass.
bool SeesShifts(const Octaves& octaves, Size size) {
  // Of a small picture a tenth more or less of the page moves the edges by a few pixels only.
  const int longest = std::max(size.width, size.height);
  const int seen = std::max(std::clamp(longest / 16, 2, 8), longest / 32);
  return octaves.judged > 0 && 2 << octaves.finest <= seen;
}

bool Unexplained(const Octaves& octaves) {
  return octaves.judged > 0 && octaves.explained + octaves.margin < kLeastExplained;
}

// Fine detail of the answer is nearer to that of the level below than to ours, by its power.
bool IsSoft(const PictureBands& bands, const PictureBands& coded, const PictureBands& below) {
  double came = 0, ours = 0, soft = 0;
  for (size_t k = 0; k < std::min<size_t>(2, bands.whole.size()); ++k) {
    came += bands.whole[k].answer;
    ours += coded.whole[k].answer, soft += below.whole[k].answer;
  }
  return came * came <= ours * soft;
}

}  // namespace

PictureJudgement JudgePicture(ConstPixelView expected, ConstPixelView answer,
                              std::span<const uint8_t> answer_bytes, double enlarged) {
  IIIFBENCH_CHECK(expected.size() == answer.size() && expected.channels == answer.channels);
  PictureJudgement out;
  const ColourFacts colour = ColoursOf(expected, answer, out.psnr);
  int octaves = 0;
  Image gray = Brightness(expected);
  const Image kept = Halved(CodedAlike(gray.view(), answer_bytes), octaves);
  const Image known = Halved(std::move(gray), octaves), came = Halved(Brightness(answer), octaves);
  const PictureBands bands = CompareBands(known.view(), came.view());
  const PictureBands coded = CompareBands(known.view(), kept.view());
  // Finer ones hold what the filter made between the pixels of the source.
  const int least_octave = static_cast<int>(std::ceil(std::log2(std::max(enlarged, 1.0))));
  Octaves structure = JudgeOctaves(bands, coded, octaves, least_octave);
  Places places = JudgePlaces(bands, coded, octaves, least_octave, colour);
  // Grain of blank paper is white noise: of its finest octaves the level below holds next to
  // nothing. An answer without them is judged beside our own rendering of that level.
  if (structure.fine_failed >= 0 || Unexplained(structure) || places.hidden > kMostHidden ||
      places.missing > kMostMissing) {
    const Image soft = OfLevelBelow(Brightness(expected).view());
    const Image below = Halved(CodedAlike(soft.view(), answer_bytes), octaves);
    const PictureBands beside = CompareBands(known.view(), below.view());
    if (IsSoft(bands, coded, beside)) {
      structure = JudgeOctaves(bands, beside, octaves, least_octave);
      places = JudgePlaces(bands, beside, octaves, least_octave, colour);
    }
  }
  out.explained = structure.explained;
  out.foreign = places.foreign;
  out.hidden = places.hidden;
  auto wrong = [&](std::string instead, std::string reason) {
    out.verdict = Verdict::kWrong;
    out.instead = std::move(instead), out.reason = std::move(reason);
    return out;
  };
  const bool doubtful = structure.fine_failed < 0 && structure.judged > 0 &&
                        structure.explained > kHalfExplained && structure.explained < kNearlyOurs &&
                        expected.size().pixels() < kSmallPixels;
  if (!doubtful && (structure.fine_failed >= 0 || Unexplained(structure))) {
    const std::string what =
        NearestAlternative(known.view(), kept.view(), came.view(), 1 << octaves).words;
    if (structure.fine_failed < 0)
      return wrong(what, fmt::format("it is {:.0f}% like our own rendering, of what its coding "
                                     "leaves to see",
                                     100 * structure.explained));
    return wrong(what, fmt::format("in detail of {} to {} pixels it is {:.0f}% like our own "
                                   "rendering, whose copy coded alike is {:.0f}%",
                                   1 << structure.fine_failed, 2 << structure.fine_failed,
                                   100 * structure.failed_r, 100 * structure.failed_kept));
  }
  if (structure.judged > 0 && structure.explained < kSurelyExplained) {
    const Alternative other =
        NearestAlternative(known.view(), kept.view(), came.view(), 1 << octaves);
    const bool all_of_it = other.named && other.likeness > kAllOfIt * other.kept;
    if (other.likeness > other.own + kBetterAlternative &&
        other.own < (all_of_it ? kLess : kMuchLess) * other.kept)
      return wrong(other.words, fmt::format("{:.0f}% like it, {:.0f}% like our own rendering",
                                            100 * other.likeness, 100 * other.own));
  }
  if (!colour.wrong.empty()) return wrong("a picture in other colours", colour.wrong);
  if (places.missing > kMostMissing)
    return wrong("a part of the picture", fmt::format("{:.0f}% of the area have no detail",
                                                      std::ceil(100 * places.missing)));
  // One place of a few is chance, and so are some of a small picture.
  const bool foreign = places.foreign > kMostStamped ||
                       places.hidden > std::max(kMostHidden, kOnePlace * places.one);
  const bool doubtful_place = foreign && expected.size().pixels() < kSmallPixels &&
                              places.foreign < kMostDoubtful && places.hidden < kMostDoubtful;
  if (foreign && !doubtful_place)
    return wrong("another picture in a part",
                 fmt::format("{:.0f}% of the area are not like our own rendering",
                             std::ceil(100 * places.foreign)));
  if (structure.judged == 0) {
    const double level = std::max(std::abs(colour.offset), colour.tint);
    const bool tiny = expected.size().pixels() < kTinyPixels;
    if (level > (tiny ? kTinyLevel : kFlatLevel))
      return wrong("another colour",
                   fmt::format("{:.0f} of 255 {} than ours, in a picture that has "
                               "nothing else to compare",
                               level, colour.offset > 0 ? "brighter" : "darker"));
    out.verdict = Verdict::kCannotTell;
    out.reason = tiny ? "cannot tell: the picture is small"
                      : "cannot tell: the picture is flat, as far as the answer's coding lets see";
  } else if (doubtful || doubtful_place) {
    out.verdict = Verdict::kCannotTell;
    out.reason = fmt::format(
        "cannot tell: the picture is small, and {:.0f}% of its area or {:.0f}% of its detail are "
        "not like our own rendering",
        100 * places.foreign, 100 * (1 - structure.explained));
  } else if (!SeesShifts(structure, expected.size())) {
    out.verdict = Verdict::kCannotTell;
    out.reason = fmt::format(
        "cannot tell: nothing finer than {} pixels is to be seen in it, as far as the answer's "
        "coding lets see",
        1 << structure.finest);
  }
  out.change = NameChanges(bands, coded, octaves, colour, places.foreign);
  return out;
}

}  // namespace iiifbench
