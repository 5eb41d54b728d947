#include "harness/archive/tally.h"

#include <algorithm>
#include <charconv>

#include "data/whole_number.h"

namespace iiifbench {
namespace {

constexpr size_t kExamples = 5, kWorstFiles = 20;
constexpr const char* kFields[] = {
    "format",   "compression", "lossless",        "progressive", "sampling",      "bits",
    "channels", "levels",      "layers",          "progression", "precincts",     "plt",
    "tlm",      "predictor",   "high_throughput", "orientation", "decompositions"};

// In classes of a bounded number, so that an archive of odd files does not grow the summary.
std::string FieldText(const Row& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  const auto number = WholeNumber(value);
  return number > 64 ? "over 64" : fmt::format("{}", number);
}

std::string TileText(const Row& tile) {
  const auto width = WholeNumber(tile.at(0)), height = WholeNumber(tile.at(1));
  if (width == 0) return "untiled";
  const bool plain = width == height && (width & (width - 1)) == 0;
  return plain ? fmt::format("{}x{}", width, height) : "other sizes";
}

Error BadRow(const std::exception& error) {
  return Fail(ErrorKind::kBadInput, "a row of a profile: {}", error.what());
}

int64_t NotNegative(int64_t value) { return std::max<int64_t>(0, value); }

}  // namespace

Result<ArchiveView> ParseView(std::string_view text) {
  ArchiveView view{};
  int64_t sum = 0;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t equals = std::min(part.find('='), part.size());
    const auto found = std::ranges::find(kArchiveRequests, part.substr(0, equals),
                                         [](const char* name) { return std::string_view(name); });
    int64_t count = -1;
    if (equals < part.size())
      std::from_chars(part.data() + equals + 1, part.data() + part.size(), count);
    if (found == kArchiveRequests.end() || count < 0 || count > 100'000)
      return Fail(ErrorKind::kBadRequest,
                  "--view {}: name=count, names of {}, counts from 0 to 100000", part,
                  fmt::join(kArchiveRequests, ", "));
    view[static_cast<size_t>(found - kArchiveRequests.begin())] = count;
    sum += count;
  }
  if (sum == 0) return Fail(ErrorKind::kBadRequest, "--view: a view without a request");
  return view;
}

Row ViewToJson(const ArchiveView& view) {
  Row out = Row::object();
  for (size_t i = 0; i < view.size(); ++i) out[kArchiveRequests[i]] = view[i];
  return out;
}

int64_t ArchiveTally::ViewUs(const Row& costs) const {
  int64_t sum = 0;
  for (size_t i = 0; i < view_.size(); ++i)
    sum += view_[i] * NotNegative(WholeNumber(costs.at(fmt::format("{}_us", kArchiveRequests[i]))));
  return sum;
}

void ArchiveTally::AddDamage(const Row& row) {
  Damage& damage = damage_[row.at("kind").get<std::string>()];
  ++damage.files;
  damage.examples.insert(row.at("damage").get<std::string>());
  if (damage.examples.size() > kExamples) damage.examples.erase(std::prev(damage.examples.end()));
}

Result<void> ArchiveTally::AddFacts(const Row& row) {
  try {
    ++listed_;
    if (row.contains("other")) {
      ++others_;
      return {};
    }
    if (row.contains("damage")) {
      AddDamage(row);
      return {};
    }
    const auto bytes = NotNegative(WholeNumber(row.at("bytes")));
    const auto pixels = NotNegative(WholeNumber(row.at("width")) * WholeNumber(row.at("height")));
    ++images_;
    bytes_ += bytes;
    file_kb_.Record((bytes + 1023) / 1024);
    kilopixels_.Record(pixels / 1000);
    for (const char* field : kFields)
      if (row.contains(field)) ++fields_[field][FieldText(row[field])];
    ++fields_["tile"][TileText(row.at("tile"))];
    ++fields_["icc"][row.value("icc_bytes", int64_t{0}) > 0 ? "yes" : "no"];
    if (row.contains("restart_interval"))
      ++fields_["restart markers"][WholeNumber(row["restart_interval"]) > 0 ? "yes" : "no"];
    Stratum& stratum = strata_[row.at("stratum").get<std::string>()];
    ++stratum.files;
    stratum.bytes += bytes;
    stratum.pixels += pixels;
  } catch (const Row::exception& error) {
    return BadRow(error);
  }
  return {};
}

Result<void> ArchiveTally::AddCosts(const Row& row) {
  try {
    const auto name = row.at("stratum").get<std::string>();
    Stratum& stratum = strata_[name];
    if (row.contains("damage")) {
      ++stratum.refused;
      AddDamage(row);
      return {};
    }
    ++stratum.measured;
    for (size_t i = 0; i < view_.size(); ++i)
      stratum.cpu_us[i] +=
          NotNegative(WholeNumber(row.at(fmt::format("{}_us", kArchiveRequests[i]))));
    const int64_t view_us = ViewUs(row);
    stratum.view_us += static_cast<Wide>(view_us);
    stratum.view_us_squared += static_cast<Wide>(view_us) * static_cast<Wide>(view_us);
    // Tiles at full size and further out, as often as a view has them.
    if (view_[1] > 0) stratum.tile_us.Record(NotNegative(row.at("tile_wall_us")), view_[1]);
    if (view_[2] > 0) stratum.tile_us.Record(NotNegative(row.at("zoomed_wall_us")), view_[2]);
    if (row.contains("memory_kb")) stratum.memory_kb.Record(NotNegative(row["memory_kb"]));
    worst_.insert({.view_us = view_us,
                   .file = row.at("file"),
                   .stratum = name,
                   .bytes = row.value("bytes", int64_t{0})});
    if (worst_.size() > kWorstFiles) worst_.erase(std::prev(worst_.end()));
  } catch (const Row::exception& error) {
    return BadRow(error);
  }
  return {};
}

Result<void> ArchiveTally::AddTry(const Row& row) {
  try {
    if (!row.contains("tries")) return {};
    const int64_t before = ViewUs(row.at("as_is"));
    for (const Row& tried : row["tries"]) {
      Trial& trial = trials_[row.at("stratum")][tried.at("recipe")];
      if (tried.contains("refused")) {
        const auto why = tried["refused"].get<std::string>();
        if (trial.refused.empty() || why < trial.refused) trial.refused = why;
        continue;
      }
      ++trial.files;
      trial.bytes += WholeNumber(tried.at("bytes"));
      trial.bytes_before += WholeNumber(row.at("bytes"));
      trial.encode_us += WholeNumber(tried.at("encode_us"));
      trial.view_us += ViewUs(tried);
      trial.view_us_before += before;
    }
  } catch (const Row::exception& error) {
    return BadRow(error);
  }
  return {};
}

}  // namespace iiifbench
