#include "harness/attribution/fit/stored_format.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <set>

#include "harness/attribution/fit/case_fit.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr int kResamples = 400;
constexpr double kSure = 0.01;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<size_t>(1, values.size()));
}

// Whether the errors are larger than the best one's, beyond the chance of these probes.
bool SurelyWorse(const std::vector<double>& errors, const std::vector<double>& best,
                 uint64_t seed) {
  if (errors.size() != best.size() || errors.empty()) return false;
  std::mt19937_64 random(seed);
  std::vector<double> differences;
  for (int i = 0; i < kResamples; ++i) {
    double sum = 0;
    for (size_t k = 0; k < errors.size(); ++k) {
      const size_t drawn = random() % errors.size();
      sum += errors[drawn] - best[drawn];
    }
    differences.push_back(sum);
  }
  return Quantile(differences, kSure) > 0;
}

bool HoldsJpegPixels(const WayToStore& way) {
  return way.codec == "jpeg" || (way.codec == "tiff" && way.options.compression == "jpeg");
}

bool Stays(const StandInFit& fit) { return fit.rejected.empty(); }

// Only where something that pixels leave possible explains the latencies as well.
void RejectByPixels(const BlockGrid& grid, std::vector<StandInFit>& fits) {
  if (!grid.judged || grid.there) return;
  const auto shown = [](const StandInFit& fit) {
    return HoldsJpegPixels(fit.stored->way) && fit.stored->way.options.quality <= kSeenQuality;
  };
  if (std::ranges::none_of(fits, [&](const auto& fit) { return Stays(fit) && !shown(fit); }))
    return;
  for (StandInFit& fit : fits) {
    if (Stays(fit) && shown(fit)) fit.rejected = grid.words();
  }
}

// Of a field of the answer: what all that stay agree on.
template <typename Function>
StoredField FieldOf(const std::string& what, const std::vector<StandInFit>& fits, Function value) {
  StoredField field{.what = what};
  for (const StandInFit& fit : fits) {
    const std::string here = value(*fit.stored);
    if (fit.rejected.empty() && std::ranges::count(field.candidates, here) == 0)
      field.candidates.push_back(here);
  }
  if (field.candidates.size() != 1) return field;
  field.value = field.candidates.front();
  field.identified = true;
  return field;
}

// The nearest stand-in that says something else of the field, rejected, in words.
template <typename Function>
std::string Nearest(const std::vector<StandInFit>& fits, const std::string& value,
                    Function value_of) {
  for (const StandInFit& fit : fits) {
    if (value_of(*fit.stored) == value) continue;
    return fmt::format("the nearest other, {}, is rejected: {}", fit.stored->way.name,
                       fit.rejected);
  }
  return {};
}

std::string FormatOf(const StoredAs& s) { return s.way.format; }
std::string CodingOf(const StoredAs& s) { return s.way.format + ", " + s.way.coding; }
std::string LevelsOf(const StoredAs& s) {
  return s.page.info.levels.size() > 1 ? "smaller levels" : "none";
}
// Of JPEG 2000 one size is tried only.
std::string TileOf(const StoredAs& s) {
  if (s.page.info.tile.width > 0 && s.way.codec == "jp2") return "tiles, their size not told";
  return s.page.info.tile.width > 0
             ? fmt::format("{}x{}", s.page.info.tile.width, s.page.info.tile.height)
             : std::string("none");
}

// What gave each field away.
void Explain(const Observed& observed, const std::vector<StandInFit>& fits,
             std::vector<StoredField>& fields) {
  const BlockGrid& grid = observed.without_file->grid;
  for (StoredField& field : fields) {
    if (!field.identified) continue;
    const auto value_of = field.what == "format"   ? FormatOf
                          : field.what == "coding" ? CodingOf
                          : field.what == "levels" ? LevelsOf
                                                   : TileOf;
    field.by = Nearest(fits, field.value, value_of);
    if (field.by.empty()) field.by = "no other way decodes as fast as the server answers";
    if ((field.what == "format" || field.what == "coding") && grid.there &&
        field.value.find("JPEG") == 0 && field.value.find("2000") == std::string::npos)
      field.by = grid.words() + "; " + field.by;
    const WaveletTrace& wavelet = observed.without_file->wavelet;
    if (field.what == "coding" && field.value == "JPEG 2000, lossy" && wavelet.there())
      field.by = wavelet.words() + "; " + field.by;
    const auto& slope = observed.signatures.bottom_to_top;
    if (field.what == "format" && slope > 1.6)
      field.by += fmt::format("; a tile at the bottom takes {:.1f} times as long as one at the top",
                              *slope);
  }
}

}  // namespace

Result<std::vector<StandInFit>> FitStandIns(Observed& observed, uint64_t seed) {
  std::vector<StandInFit> fits;
  const std::vector<Hypothesis> all = observed.hypotheses;
  const auto screened = observed.screened;
  const auto leave_only = [&](const StoredAs* stored) {
    observed.hypotheses.clear(), observed.screened.clear();
    std::ranges::copy_if(all, std::back_inserter(observed.hypotheses),
                         [&](const Hypothesis& h) { return h.stored == stored; });
    std::ranges::copy_if(screened, std::back_inserter(observed.screened),
                         [&](const auto& s) { return s.first.stored == stored; });
  };
  const auto put_back = [&] { observed.hypotheses = all, observed.screened = screened; };
  std::optional<Error> failed;
  for (const auto& stored : observed.without_file->stand_ins.all()) {
    leave_only(stored.get());
    if (observed.hypotheses.empty()) continue;
    const auto best = FitBest(observed, seed);
    if (!best) {
      failed = best.error();
      continue;
    }
    StandInFit fit{.stored = stored.get()};
    fit.errors =
        FitOf(observed.cases, observed.foreign_encoder).fit.RelativeErrors(best->fitted, seed);
    fit.error = Mean(fit.errors);
    fits.push_back(std::move(fit));
  }
  put_back();
  if (fits.empty() && failed) return *failed;
  if (fits.empty())
    return Fail(ErrorKind::kUnsupported,
                "no way to store the picture that we know is read as fast as this server answers");
  std::ranges::stable_sort(fits, {}, &StandInFit::error);
  const StandInFit& best = fits.front();
  for (StandInFit& fit : fits) {
    if (best.error <= kPoorFit && fit.error >= kIdentified * best.error &&
        fit.error >= best.error + kStandInError && SurelyWorse(fit.errors, best.errors, seed))
      fit.rejected = fmt::format("its probes are off by {:.1f} %, those of {} by {:.1f} %",
                                 100 * fit.error, best.stored->way.name, 100 * best.error);
  }
  RejectByPixels(observed.without_file->grid, fits);
  std::ranges::stable_sort(fits, std::greater<>(), Stays);
  for (StandInFit& fit : fits) {
    if (!Stays(fit)) break;
    leave_only(fit.stored);
    auto fitted = FitObserved(observed, seed);
    put_back();
    if (!fitted) return fitted.error();
    fit.fitted = std::move(*fitted);
  }
  return fits;
}

StoredVerdict VerdictOnFile(const Observed& observed, const std::vector<StandInFit>& fits) {
  const WithoutFile& without = *observed.without_file;
  StoredVerdict out{.fetched = without.fetched.words};
  out.fields.push_back(FieldOf("format", fits, FormatOf));
  out.fields.push_back(FieldOf("coding", fits, CodingOf));
  out.fields.push_back(FieldOf("levels", fits, LevelsOf));
  out.fields.push_back(FieldOf("tile", fits, TileOf));
  Explain(observed, fits, out.fields);
  for (const StandInFit& fit : fits)
    out.candidates.push_back({fit.stored->way.name, fit.error, fit.rejected});
  for (const auto& [way, why] : without.left_out)
    out.candidates.push_back({way.name, std::nullopt, why});
  for (const auto& stored : without.stand_ins.all()) {
    if (std::ranges::find(out.candidates, stored->way.name, &StandInVerdict::name) ==
        out.candidates.end())
      out.candidates.push_back(
          {stored->way.name, std::nullopt, "its decoder is slower here than the server answers"});
  }
  return out;
}

void Adopt(Observed& observed, const StoredAs& stored) {
  observed.codec = stored.way.codec;
  *observed.info = stored.page.info;
  for (size_t i = 0; i < stored.others.size(); ++i)
    observed.series.steps()[i].info = stored.others[i].info;
  for (Case& c : observed.cases) {
    const StoredFile& file = stored.of(c.probe.image);
    c.codec = stored.way.codec, c.file = file.file, c.file_bytes = file.bytes;
  }
}

}  // namespace iiifbench
