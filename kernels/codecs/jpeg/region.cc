#include "kernels/codecs/jpeg/region.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernels/codecs/jpeg/decode_plan.h"
#include "kernels/codecs/jpeg/huffman/entropy.h"
#include "kernels/codecs/jpeg/huffman/scan.h"
#include "kernels/codecs/jpeg/huffman/split.h"
#include "kernels/codecs/jpeg/huffman/stream.h"
#include "kernels/codecs/jpeg/index.h"
#include "kernels/codecs/jpeg/library.h"
#include "kernels/codecs/jpeg/splice.h"
#include "kernels/image/aligned_read.h"
#include "kernels/image/parallel.h"

namespace iiifbench::jpeg {

bool force_splice = false;

namespace {

// One row of the splice in the file. end_bit: -1 where it is not known.
struct RowCut {
  RowStart start;
  int64_t end_bit = -1;
};

// Everything about one request that its threads share; read only while they run.
struct Job {
  Source* source;
  const DecodeRequest* request;
  const Stream* stream;
  const Scanner* scanner;
  bool own_entropy;  // decode in place; otherwise splice
  const JpegIndex*
      index;    // null: cuts hold all rows, or each piece finds its own by restart markers
  Bytes bytes;  // the whole file, where there is no index
  std::span<const RowCut> cuts;  // from row `cuts_top` on
  int cuts_top = 0;
  Cursor start;  // where a scan begins: the first MCU, or a later one that is known
};

// Finds the rows' MCUs by a scan from `start`.
bool CutByScan(const Stream& stream, const Scanner& scanner, const Bytes& bytes,
               const Cursor& start, const McuRect& rect, std::vector<RowCut>& cuts) {
  cuts.clear();
  const int64_t interval = stream.restart_interval;
  static thread_local std::vector<int64_t> restarts;
  if (interval != 0) {
    const int64_t last = int64_t{rect.bottom - 1} * stream.mcus_across + rect.right - 1;
    const Bytes data{bytes.at(stream.data_offset), stream.data_offset, bytes.end};
    if (!FindRestarts(data, last / interval, restarts)) return false;
  }
  Cursor cursor = start, end;
  for (int row = rect.top; row < rect.bottom; ++row) {
    const int64_t first = int64_t{row} * stream.mcus_across + rect.left;
    const int64_t last = first + rect.right - rect.left;
    if (interval != 0) {
      const int64_t n = first / interval;
      cursor = n == 0
                   ? scanner.First()
                   : Cursor{.mcu = n * interval, .bit = restarts[static_cast<size_t>(n - 1)] * 8};
    }
    if (!scanner.Advance(bytes, cursor, first)) return false;
    cuts.push_back({{bytes, cursor}, -1});
    if (interval == 0) {
      if (!scanner.Advance(bytes, cursor, last, &end)) return false;
      cuts.back().end_bit = end.bit;
    }
  }
  return true;
}

// What our own reader finds wrong: no other reader is asked then, which would guess.
Error Damaged(const Source& source) {
  return Fail(ErrorKind::kBadInput, "own JPEG reader: {}: damaged entropy-coded data",
              source.name());
}

// The name of a small picture that is made of some rows of MCUs, for messages.
std::string PartName(const Source& source, const McuRect& rect) {
  return fmt::format("{} (rows {} to {} of its MCUs)", source.name(), rect.top, rect.bottom - 1);
}

// Decodes `wanted` in order, from a start that is found by a scan of what lies above: one thread's
// share. `left_to_library`: becomes true where the library is to decide.
Result<int64_t> DecodeBelow(const Job& job, const Region& wanted, PixelView out,
                            bool& left_to_library) {
  static thread_local ByteSink sink;
  const Stream& s = *job.stream;
  const int level = job.request->level;
  McuRect rect = Touched(s, wanted, level);
  rect.left = 0;
  rect.right = 1;
  static thread_local std::vector<RowCut> cut;
  McuRect first_row = rect;
  first_row.bottom = first_row.top + 1;
  if (!CutByScan(s, *job.scanner, job.bytes, job.start, first_row, cut))
    return Damaged(*job.source);
  Splicer headers(s, *job.scanner, sink);
  const int top = rect.top * s.mcu.height;
  headers.Begin({s.size.width,
                 (rect.bottom == s.mcus_down ? s.size.height : rect.bottom * s.mcu.height) - top},
                s.mcus_across);
  headers.End();
  auto small = Source::Borrow(sink.bytes(), PartName(*job.source, rect));
  Region inside = wanted;
  inside.y -= top >> level;
  EntropyDecoder entropy(s, *job.scanner, job.bytes, cut.front().start.from);
  auto report = Decode(*small, inside, level, Extent::kRegion, job.request->limits, out, &entropy);
  left_to_library = entropy.library_decides();
  if (!report) return report.error();
  return report->pixels_decoded;
}

// Finds one row's MCUs from the index; `buffer` holds the bytes where the source is a file. Their
// end is found where a splice needs it.
Result<RowCut> CutByIndex(const Job& job, const McuRect& rect, int row,
                          std::vector<uint8_t>& buffer) {
  const JpegIndex& index = *job.index;
  const int step = index.step();
  const int64_t first_entry = int64_t{row} * index.entries_per_row() + rect.left / step;
  const int64_t last_entry =
      int64_t{row} * index.entries_per_row() + (rect.right + step - 1) / step;
  const auto refuse = [&] {
    return Fail(ErrorKind::kBadInput,
                "JPEG index for {}: the file's bytes {} to {} are not those it was made from; "
                "build it again",
                job.source->name(), index.FirstByte(first_entry), index.LastByte(last_entry - 1));
  };
  const int64_t begin = index.FirstByte(first_entry), end = index.LastByte(last_entry - 1);
  if (begin < job.stream->data_offset || begin >= end || end > job.source->size()) return refuse();
  RowCut cut;
  const auto memory = job.source->in_memory();
  if (memory.empty()) {
    const auto room = AlignedRead(buffer, begin, static_cast<size_t>(end - begin));
    auto read = job.source->ReadAt(begin, room);
    if (!read) return read.error();
    cut.start.bytes = {room.data(), begin, end};
  } else {
    cut.start.bytes = {memory.data() + begin, begin, end};
  }
  if (!index.Matches(cut.start.bytes, first_entry, last_entry)) return refuse();
  const int64_t first = int64_t{row} * job.stream->mcus_across + rect.left;
  const int64_t last = first + rect.right - rect.left;
  cut.start.from = index.Entry(first_entry);
  if (!job.scanner->Advance(cut.start.bytes, cut.start.from, first)) return refuse();
  if (!job.own_entropy && job.stream->restart_interval == 0) {
    // Behind the last MCU stands an entry, or the last entry before it is near.
    const bool exact = last_entry < index.entries() && index.Entry(last_entry).mcu == last;
    Cursor at = index.Entry(exact ? last_entry : last_entry - 1);
    if (at.mcu < cut.start.from.mcu) at = cut.start.from;
    if (!job.scanner->Advance(cut.start.bytes, at, last)) return refuse();
    cut.end_bit = at.bit;
  }
  return cut;
}

// Decodes rows [wanted.y, wanted.bottom()) of the level into `out`, out of a small picture of the
// touched MCUs.
// `left_to_library` becomes true where the splice cannot be made, for damage or for codes that a
// table lacks, and where the library is to decide.
Result<int64_t> DecodePiece(const Job& job, const Region& wanted, PixelView out,
                            bool& left_to_library) {
  static thread_local ByteSink sink;
  static thread_local std::vector<std::vector<uint8_t>>
      buffers;  // one per row; their memory is kept
  static thread_local std::vector<RowStart> rows;
  const Stream& s = *job.stream;
  const int level = job.request->level;
  const McuRect rect = Touched(s, wanted, level);
  const int across = rect.right - rect.left;
  const Size size{(rect.right == s.mcus_across ? s.size.width : rect.right * s.mcu.width) -
                      rect.left * s.mcu.width,
                  (rect.bottom == s.mcus_down ? s.size.height : rect.bottom * s.mcu.height) -
                      rect.top * s.mcu.height};
  Splicer splicer(s, *job.scanner, sink);
  splicer.Begin(size, across);
  rows.clear();
  static thread_local std::vector<RowCut> own_cuts;
  std::span<const RowCut> cuts = job.cuts;
  int cuts_top = job.cuts_top;
  if (job.index == nullptr && cuts.empty()) {
    if (!CutByScan(s, *job.scanner, job.bytes, job.start, rect, own_cuts))
      return Damaged(*job.source);
    cuts = own_cuts;
    cuts_top = rect.top;
  }
  if (buffers.size() < static_cast<size_t>(rect.bottom - rect.top))
    buffers.resize(static_cast<size_t>(rect.bottom - rect.top));
  for (int row = rect.top; row < rect.bottom; ++row) {
    RowCut cut;
    if (job.index == nullptr) {
      cut = cuts[static_cast<size_t>(row - cuts_top)];
    } else {
      auto found = CutByIndex(job, rect, row, buffers[static_cast<size_t>(row - rect.top)]);
      if (!found) return found.error();
      cut = *found;
    }
    const int64_t last = int64_t{row} * s.mcus_across + rect.right;
    if (job.own_entropy) {
      rows.push_back(cut.start);
    } else if (!splicer.AddRow(cut.start.bytes, cut.start.from, last, cut.end_bit)) {
      left_to_library = true;
      return Fail(ErrorKind::kBadInput, "own JPEG reader: {}: row {} of MCUs cannot be spliced",
                  job.source->name(), row);
    }
  }
  splicer.End();
  auto small = Source::Borrow(sink.bytes(), PartName(*job.source, rect));
  Region inside = wanted;
  inside.x -= rect.left * (s.mcu.width >> level);
  inside.y -= rect.top * (s.mcu.height >> level);
  EntropyDecoder entropy(s, *job.scanner, rows, across);
  auto report = Decode(*small, inside, level, Extent::kRows, job.request->limits, out,
                       job.own_entropy ? &entropy : nullptr);
  left_to_library = entropy.library_decides();
  if (!report) return report.error();
  return report->pixels_decoded;
}

// The library's crop and skip with our entropy decoder in it.
Result<SpliceOutcome> DecodeInOrder(Source& source, const Stream& stream, const Scanner& scanner,
                                    const DecodeRequest& request, const Region& wanted,
                                    PixelView out) {
  auto all = source.ReadAll();
  if (!all) return all.error();
  auto memory = Source::Borrow(*all, source.name());
  EntropyDecoder entropy(stream, scanner, {all->data(), 0, static_cast<int64_t>(all->size())});
  auto report =
      Decode(*memory, wanted, request.level, Extent::kRegion, request.limits, out, &entropy);
  if (entropy.library_decides())
    return SpliceOutcome{.reason = "bytes are left over behind the last MCU"};
  if (!report) return report.error();
  return SpliceOutcome{.done = true, .report = *report};
}

}  // namespace

Result<SpliceOutcome> DecodeSpliced(Source& source, const DecodeRequest& request,
                                    const Region& wanted, PixelView out) {
  Stream stream;
  SpliceOutcome outcome;
  std::span<const uint8_t> head;
  auto parsed = ReadStream(source, stream, head, outcome.reason);
  if (!parsed) return parsed.error();
  if (*parsed != ParseOutcome::kOk) return outcome;
  const bool own = EntropyDecoder::Available() && !force_splice;
  const McuRect rect = Touched(stream, wanted, request.level);
  const Scanner scanner(stream);
  Job job{.source = &source,
          .request = &request,
          .stream = &stream,
          .scanner = &scanner,
          .own_entropy = own,
          .index = nullptr,
          .start = scanner.First()};
  JpegIndex index;
  if (request.variant == Variant::kIndexed && request.index.empty()) {
    outcome.reason = "no index was given";
  } else if (request.variant == Variant::kIndexed) {
    auto opened = JpegIndex::Open(request.index, source, stream, head);
    if (!opened) return opened.error();
    index = *opened;
    job.index = &index;
  }
  const bool indexed = job.index != nullptr;
  // Two threads share what stands above the region, too, where it is worth waking the second for.
  constexpr int64_t kSplitMcus = 8192;
  const int64_t mcus_above = int64_t{rect.top} * stream.mcus_across;
  const bool split = own && !indexed && stream.restart_interval == 0 && request.threads > 1 &&
                     mcus_above >= kSplitMcus;
  const DecodePlan plan = ChoosePlan(stream, rect, wanted, request, own, indexed, split);
  const std::vector<Region>& pieces = plan.pieces;
  const int threads = static_cast<int>(pieces.size());
  if (!indexed || !plan.cut) {
    if (stream.size.pixels() > request.limits.max_pixels) return outcome;  // the library says so
    if (source.in_memory().empty() && source.size() > request.limits.max_memory_bytes) {
      outcome.reason = "the file is larger than the memory limit";
      return outcome;
    }
  }
  if (!plan.cut && !own) return outcome;
  if (!plan.cut && threads == 1 && !split) {
    auto decoded = DecodeInOrder(source, stream, scanner, request, wanted, out);
    if (decoded && decoded->done) decoded->report.fallback = outcome.reason;
    return decoded;
  }
  static thread_local std::vector<RowCut> cuts;
  if (!indexed) {
    auto all = source.ReadAll();
    if (!all) return all.error();
    job.bytes = {all->data(), 0, static_cast<int64_t>(all->size())};
    if (split && !AdvanceOnTwoThreads(stream, scanner, job.bytes, job.start, mcus_above))
      return Damaged(source);
    if (plan.cut && stream.restart_interval == 0) {
      if (!CutByScan(stream, scanner, job.bytes, job.start, rect, cuts)) return Damaged(source);
      job.cuts = cuts;
      job.cuts_top = rect.top;
    }
  }
  std::atomic<int64_t> pixels{0};
  std::atomic<bool> left_to_library{false};
  auto decoded = ForEachWantedPiece(threads, threads, source.name(), [&](int n) -> Result<void> {
    const Region& piece = pieces[static_cast<size_t>(n)];
    bool leave = false;
    const PixelView part = out.crop({0, piece.y - wanted.y, piece.width, piece.height});
    auto done =
        plan.cut ? DecodePiece(job, piece, part, leave) : DecodeBelow(job, piece, part, leave);
    if (leave) left_to_library = true;
    if (!done) return done.error();
    pixels += *done;
    return {};
  });
  if (!decoded) {
    if (!left_to_library) return decoded.error();
    outcome.reason = decoded.error().message;
    return outcome;
  }
  outcome.done = true;
  outcome.report.pixels_decoded = pixels;
  outcome.report.fallback = outcome.reason;
  return outcome;
}

}  // namespace iiifbench::jpeg
