#include "harness/attribution/findings/packet_search.h"

#include <algorithm>
#include <array>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kBeyondOurs = 1.5;  // less may be a slower decoder
constexpr int kSoc = 0xFF4F, kSot = 0xFF90, kSod = 0xFF93, kTlm = 0xFF55, kPlm = 0xFF57,
              kPlt = 0xFF58;

Result<uint32_t> Big(Source& source, int64_t offset, int bytes) {
  std::array<uint8_t, 4> raw{};
  auto read = source.ReadAt(offset, std::span(raw).first(static_cast<size_t>(bytes)));
  if (!read) return read.error();
  uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | raw[static_cast<size_t>(i)];
  return value;
}

// Where the codestream begins: at once, or in the box "jp2c".
Result<int64_t> Codestream(Source& source) {
  auto first = Big(source, 0, 2);
  if (!first) return first.error();
  if (*first == kSoc) return 0;
  for (int64_t at = 0; at + 8 <= source.size();) {
    auto length = Big(source, at, 4), type = Big(source, at + 4, 4);
    if (!length || !type) break;
    int64_t size = *length, head = 8;
    if (size == 1) {
      auto high = Big(source, at + 8, 4), low = Big(source, at + 12, 4);
      if (!high || !low) break;
      size = static_cast<int64_t>(uint64_t{*high} << 32 | *low), head = 16;
    }
    if (*type == 0x6A703263) return at + head;
    if (size < head) break;
    at += size;
  }
  return Fail(ErrorKind::kBadInput, "{}: no JPEG 2000 codestream", source.name());
}

struct Cost {
  double server = 0, kernel = 0;  // milliseconds; server 0: not measured
};

Cost CostOf(const Observed& observed, const Hypothesis& hypothesis, const std::string& probe) {
  for (const Case& c : observed.cases) {
    if (c.probe.name != probe || c.samples_ms.empty()) continue;
    const int work = WorksOf(c, hypothesis, *observed.costs).decode;
    return {Median(c.service_ms()) - c.fixed_ms, work < 0 ? 0 : observed.costs->ms(work)};
  }
  return {};
}

}  // namespace

Result<Jp2Pointers> PointersOf(Source& source) {
  auto start = Codestream(source);
  if (!start) return start.error();
  Jp2Pointers out;
  for (int64_t at = *start + 2; at + 4 <= source.size();) {
    auto marker = Big(source, at, 2);
    if (!marker) return marker.error();
    if (*marker == kSod) return out;
    if (*marker < 0xFF00)
      return Fail(ErrorKind::kBadInput, "{}: no marker at offset {}", source.name(), at);
    out.packet_lengths = out.packet_lengths || *marker == kPlt || *marker == kPlm;
    out.tile_lengths = out.tile_lengths || *marker == kTlm;
    auto length = Big(source, at + 2, 2);
    if (!length) return length.error();
    at += 2 + *length;
  }
  return Fail(ErrorKind::kBadInput, "{}: ends in its headers", source.name());
}

void AddPacketSearch(const Observed& observed, Attribution& attribution) {
  if (observed.codec != "jp2") return;
  if (!attribution.model) return;
  const Cost pixel = CostOf(observed, attribution.model->hypothesis, "pixel"),
             small = CostOf(observed, attribution.model->hypothesis, "ladder:64");
  if (pixel.server <= 0 || small.server <= 0 || pixel.server < 3 * small.server) return;
  // Our kernel reads all packet headers too.
  const double whole = pixel.server - small.server,
               ours = std::max(0.0, pixel.kernel - small.kernel);
  if (whole < kBeyondOurs * ours + 0.5) return;
  const auto page =
      std::ranges::find_if(observed.cases, [](const Case& c) { return c.probe.image == 0; });
  auto source = Source::Open(page->file);
  auto pointers = source ? PointersOf(**source) : Result<Jp2Pointers>(source.error());
  if (!pointers) return;
  const std::string cost = fmt::format(
      "one pixel of the page costs {:.1f} ms, all of a 64 px copy {:.1f} ms, for our kernel {:.1f} "
      "and "
      "{:.1f}: "
      "{:.1f} ms of every picture is work on the whole codestream",
      pixel.server, small.server, pixel.kernel, small.kernel, whole - ours);
  if (pointers->packet_lengths) {
    attribution.findings.push_back(
        {"packet-lengths-unused",
         cost + ", though the file has PLT markers: this decoder does not use them"});
    return;
  }
  attribution.findings.push_back(
      {"packet-lengths-missing",
       cost + "; the source is a JPEG 2000 without PLT: a packet is found only by reading "
              "the headers of all before it"});
  for (const auto& request : attribution.requests) {
    const double saves = std::min(whole - ours, request.measured_ms);
    if (saves < 0.05 * request.measured_ms) continue;
    attribution.what_ifs.push_back(
        {.path = request.path,
         .change = "store the JPEG 2000 with PLT markers, for a decoder that uses them",
         .kind = "PLT markers",
         .saves_ms = saves,
         .low = 0,
         .high = saves});
  }
}

}  // namespace iiifbench
