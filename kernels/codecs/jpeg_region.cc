#include "kernels/codecs/jpeg_region.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernels/codecs/jpeg_index.h"
#include "kernels/codecs/jpeg_library.h"
#include "kernels/codecs/jpeg_scan.h"
#include "kernels/codecs/jpeg_splice.h"
#include "kernels/codecs/jpeg_stream.h"
#include "kernels/image/parallel.h"

namespace iiifbench::jpeg {
namespace {

// MCUs [left, right) x [top, bottom).
struct McuRect {
  int left, top, right, bottom;
  int64_t count() const { return int64_t{right - left} * (bottom - top); }
};

constexpr int kLeastMcusAcross = 4;

McuRect Touched(const Stream& s, const Region& wanted, int level) {
  const int width = s.mcu.width >> level, height = s.mcu.height >> level;
  McuRect rect{.left = std::max(0, wanted.x - 1) / width,
               .top = std::max(0, wanted.y - 1) / height,
               .right = std::min(s.mcus_across, (wanted.right() + 1 + width - 1) / width),
               .bottom = std::min(s.mcus_down, (wanted.bottom() + 1 + height - 1) / height)};
  rect.right = std::min(s.mcus_across, std::max(rect.right, rect.left + kLeastMcusAcross));
  rect.left = std::max(0, std::min(rect.left, rect.right - kLeastMcusAcross));
  return rect;
}

// One row of the splice in the file. end_bit: -1 where it is not known.
struct RowCut {
  Bytes bytes;
  Cursor from;
  int64_t end_bit = -1;
};

// Everything about one request that its threads share; read only while they run.
struct Job {
  Source* source;
  const DecodeRequest* request;
  const Stream* stream;
  const Scanner* scanner;
  const JpegIndex* index;        // null: cuts hold all rows
  std::span<const RowCut> cuts;  // from row `cuts_top` on
  int cuts_top = 0;
};

// Finds the rows' MCUs by a scan from the top of the file.
bool CutByScan(const Stream& stream, const Scanner& scanner, const Bytes& bytes, const McuRect& rect,
               std::vector<RowCut>& cuts) {
  cuts.clear();
  const int64_t interval = stream.restart_interval;
  static thread_local std::vector<int64_t> restarts;
  if (interval != 0) {
    const int64_t last = int64_t{rect.bottom - 1} * stream.mcus_across + rect.right - 1;
    const Bytes data{bytes.at(stream.data_offset), stream.data_offset, bytes.end};
    if (!FindRestarts(data, last / interval, restarts)) return false;
  }
  Cursor cursor = scanner.First(), end;
  for (int row = rect.top; row < rect.bottom; ++row) {
    const int64_t first = int64_t{row} * stream.mcus_across + rect.left;
    const int64_t last = first + rect.right - rect.left;
    if (interval != 0) {
      const int64_t n = first / interval;
      cursor = n == 0 ? scanner.First()
                      : Cursor{.mcu = n * interval, .bit = restarts[static_cast<size_t>(n - 1)] * 8};
    }
    if (!scanner.Advance(bytes, cursor, first)) return false;
    cuts.push_back({bytes, cursor, -1});
    if (interval == 0) {
      if (!scanner.Advance(bytes, cursor, last, &end)) return false;
      cuts.back().end_bit = end.bit;
    }
  }
  return true;
}

// Finds one row's MCUs from the index; `buffer` holds the bytes where the source is a file.
Result<RowCut> CutByIndex(const Job& job, const McuRect& rect, int row, std::vector<uint8_t>& buffer) {
  const JpegIndex& index = *job.index;
  const int step = index.step();
  const int64_t first_entry = int64_t{row} * index.entries_per_row() + rect.left / step;
  const int64_t last_entry = int64_t{row} * index.entries_per_row() + (rect.right + step - 1) / step;
  const auto refuse = [&] {
    return Fail(ErrorKind::kBadInput,
                "JPEG index for {}: the file's bytes {} to {} are not those it was made from; build it again",
                job.source->name(), index.FirstByte(first_entry), index.LastByte(last_entry - 1));
  };
  const int64_t begin = index.FirstByte(first_entry), end = index.LastByte(last_entry - 1);
  if (begin < job.stream->data_offset || begin >= end || end > job.source->size()) return refuse();
  RowCut cut;
  const auto memory = job.source->in_memory();
  if (memory.empty()) {
    if (buffer.size() < static_cast<size_t>(end - begin)) buffer.resize(static_cast<size_t>(end - begin) * 2);
    auto read = job.source->ReadAt(begin, std::span(buffer).first(static_cast<size_t>(end - begin)));
    if (!read) return read.error();
    cut.bytes = {buffer.data(), begin, end};
  } else {
    cut.bytes = {memory.data() + begin, begin, end};
  }
  if (!index.Matches(cut.bytes, first_entry, last_entry)) return refuse();
  const int64_t first = int64_t{row} * job.stream->mcus_across + rect.left;
  const int64_t last = first + rect.right - rect.left;
  cut.from = index.Entry(first_entry);
  if (!job.scanner->Advance(cut.bytes, cut.from, first)) return refuse();
  if (job.stream->restart_interval == 0) {
    // Behind the last MCU stands an entry, or the last entry before it is near.
    const bool exact = last_entry < index.entries() && index.Entry(last_entry).mcu == last;
    Cursor at = index.Entry(exact ? last_entry : last_entry - 1);
    if (at.mcu < cut.from.mcu) at = cut.from;
    if (!job.scanner->Advance(cut.bytes, at, last)) return refuse();
    cut.end_bit = at.bit;
  }
  return cut;
}

// Splices and decodes rows [wanted.y, wanted.bottom()) of the level into `out`.
Result<int64_t> DecodePiece(const Job& job, const Region& wanted, PixelView out, bool& damaged) {
  static thread_local ByteSink sink;
  static thread_local std::vector<uint8_t> buffer;
  const Stream& s = *job.stream;
  const int level = job.request->level;
  const McuRect rect = Touched(s, wanted, level);
  const Size size{
      (rect.right == s.mcus_across ? s.size.width : rect.right * s.mcu.width) - rect.left * s.mcu.width,
      (rect.bottom == s.mcus_down ? s.size.height : rect.bottom * s.mcu.height) - rect.top * s.mcu.height};
  Splicer splicer(s, *job.scanner, sink);
  splicer.Begin(size, rect.right - rect.left);
  for (int row = rect.top; row < rect.bottom; ++row) {
    RowCut cut;
    if (job.index == nullptr) {
      cut = job.cuts[static_cast<size_t>(row - job.cuts_top)];
    } else {
      auto found = CutByIndex(job, rect, row, buffer);
      if (!found) return found.error();
      cut = *found;
    }
    const int64_t last = int64_t{row} * s.mcus_across + rect.right;
    if (!splicer.AddRow(cut.bytes, cut.from, last, cut.end_bit)) {
      damaged = true;
      return Fail(ErrorKind::kBadInput, "{}: row {} of MCUs cannot be spliced", job.source->name(), row);
    }
  }
  splicer.End();
  auto spliced = Source::Borrow(sink.bytes(), job.source->name());
  Region inside = wanted;
  inside.x -= rect.left * (s.mcu.width >> level);
  inside.y -= rect.top * (s.mcu.height >> level);
  auto report = Decode(*spliced, inside, level, Extent::kRows, job.request->limits, out);
  if (!report) {
    damaged = true;
    return report.error();
  }
  return report->pixels_decoded;
}

// Cuts `wanted` at rows of MCUs into at most `threads` pieces of similar height.
std::vector<Region> Pieces(const Stream& stream, const Region& wanted, int level, int threads) {
  constexpr int kLeastRows = 4;  // below this the margins cost more than a second thread gains
  const int height = stream.mcu.height >> level;
  const int first = wanted.y / height, last = (wanted.bottom() + height - 1) / height;
  const int count = std::clamp((last - first) / kLeastRows, 1, std::max(1, threads));
  std::vector<Region> pieces;
  int y = wanted.y;
  for (int n = 1; n <= count; ++n) {
    const int bottom = n == count ? wanted.bottom() : (first + (last - first) * n / count) * height;
    pieces.push_back({wanted.x, y, wanted.width, bottom - y});
    y = bottom;
  }
  return pieces;
}

// Whether a splice beats the library's crop and skip. Costs per MCU in units of the library's entropy
// decoding: a length-only scan 0.55, cutting out and decoding again 1.15, reconstruction 0.8.
bool SplicePays(const Stream& stream, const McuRect& rect, int threads, bool indexed) {
  const double above = static_cast<double>(rect.bottom) * stream.mcus_across;
  const auto touched = static_cast<double>(rect.count());
  return (indexed ? 0 : 0.55 * above) + (1.15 + 0.8) * touched / threads < above + 0.8 * touched;
}

}  // namespace

Result<SpliceOutcome> DecodeSpliced(Source& source, const DecodeRequest& request, const Region& wanted,
                                    PixelView out) {
  Stream stream;
  SpliceOutcome outcome;
  std::span<const uint8_t> head;
  auto parsed = ReadStream(source, stream, head, outcome.reason);
  if (!parsed) return parsed.error();
  if (*parsed != ParseOutcome::kOk) return outcome;
  const McuRect rect = Touched(stream, wanted, request.level);
  const bool indexed = request.variant == Variant::kIndexed && !request.index.empty();
  if (!indexed && stream.size.pixels() > request.limits.max_pixels) return outcome;  // the library says so
  const Scanner scanner(stream);
  Job job{.source = &source, .request = &request, .stream = &stream, .scanner = &scanner, .index = nullptr};
  JpegIndex index;
  static thread_local std::vector<RowCut> cuts;
  if (indexed) {
    auto opened = JpegIndex::Open(request.index, source, stream, head);
    if (!opened) return opened.error();
    index = *opened;
    job.index = &index;
    if (!SplicePays(stream, rect, request.threads, true)) return outcome;
  } else {
    if (request.variant == Variant::kIndexed) outcome.reason = "no index was given";
    if (!SplicePays(stream, rect, request.threads, false)) return outcome;
    if (source.in_memory().empty() && source.size() > request.limits.max_memory_bytes) {
      outcome.reason = "the file is larger than the memory limit";
      return outcome;
    }
    auto all = source.ReadAll();
    if (!all) return all.error();
    if (!CutByScan(stream, scanner, {all->data(), 0, static_cast<int64_t>(all->size())}, rect, cuts)) {
      outcome.reason = "damaged entropy-coded data";
      return outcome;
    }
    job.cuts = cuts;
    job.cuts_top = rect.top;
  }
  const auto pieces = Pieces(stream, wanted, request.level, request.threads);
  std::atomic<int64_t> pixels{0};
  std::atomic<bool> damaged{false};
  auto decoded = ForEachPiece(static_cast<int>(pieces.size()), request.threads, [&](int n) -> Result<void> {
    const Region& piece = pieces[static_cast<size_t>(n)];
    bool damage = false;
    auto done = DecodePiece(job, piece, out.crop({0, piece.y - wanted.y, piece.width, piece.height}), damage);
    if (damage) damaged = true;
    if (!done) return done.error();
    pixels += *done;
    return {};
  });
  if (!decoded) {
    if (!damaged) return decoded.error();
    // Where the library reads on, so do we; where it does not, its own message says where.
    outcome.reason = decoded.error().message;
    return outcome;
  }
  outcome.done = true;
  outcome.report.pixels_decoded = pixels;
  outcome.report.fallback = outcome.reason;
  return outcome;
}

}  // namespace iiifbench::jpeg
