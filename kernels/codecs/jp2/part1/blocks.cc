#include "kernels/codecs/jp2/part1/blocks.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/jp2/t1/decode.h"

namespace iiifbench::jp2::part1 {
namespace {

// Bytes between two pieces that are rather read than skipped, and the most that is read at once.
constexpr int64_t kGap = 4096, kRun = int64_t{1} << 20;

struct Read {
  const TileData* data;
  int64_t at;
  uint32_t bytes;
  size_t to;
};

struct Batch {
  std::vector<Read> reads;
  std::vector<uint8_t> bytes, run;
  std::vector<Segment> segments;
  std::vector<CodeBlock> blocks;
};

// The code strings of the jobs, one after the other, into batch.bytes.
Result<void> ReadAll(Source& source, Batch& batch) {
  std::vector<Read>& reads = batch.reads;
  std::sort(reads.begin(), reads.end(), [](const Read& a, const Read& b) {
    return a.data != b.data ? a.data < b.data : a.at < b.at;
  });
  for (size_t from = 0, to = 0; from < reads.size(); from = to) {
    const int64_t start = reads[from].at;
    int64_t end = start + reads[from].bytes;
    for (to = from + 1; to < reads.size(); ++to) {
      const Read& r = reads[to];
      if (r.data != reads[from].data || r.at > end + kGap || r.at + r.bytes > start + kRun) break;
      end = std::max(end, r.at + r.bytes);
    }
    if (to == from + 1) {
      auto got = reads[from].data->Read(
          source, start, std::span(batch.bytes).subspan(reads[from].to, reads[from].bytes));
      if (!got) return got;
      continue;
    }
    if (batch.run.size() < static_cast<size_t>(end - start))
      batch.run.resize(static_cast<size_t>(end - start));
    auto got = reads[from].data->Read(source, start,
                                      std::span(batch.run).first(static_cast<size_t>(end - start)));
    if (!got) return got;
    for (size_t i = from; i < to; ++i)
      std::memcpy(batch.bytes.data() + reads[i].to, batch.run.data() + (reads[i].at - start),
                  reads[i].bytes);
  }
  return {};
}

CodeBlock BlockOf(const BlockJob& job) {
  const Band& band = *job.band;
  const size_t index = Coding::BandIndex(band.resolution, band.band);
  const Rect kept = Intersect(job.rect, job.to->rect);
  CodeBlock b{
      .width = static_cast<int>(job.rect.x.size()),
      .height = static_cast<int>(job.rect.y.size()),
      .band = band.band,
      .planes = job.coding->bit_planes[index] + job.coding->region_shift - job.block->missing,
      .passes = job.block->passes,
      .style = job.coding->block_style};
  b.out = {.to = job.to->At(kept.x.from, kept.y.from),
           .stride = job.to->stride,
           .left = static_cast<int>(kept.x.from - job.rect.x.from),
           .top = static_cast<int>(kept.y.from - job.rect.y.from),
           .right = static_cast<int>(kept.x.to - job.rect.x.from),
           .bottom = static_cast<int>(kept.y.to - job.rect.y.from),
           .half_step = job.coding->reversible ? 0.0F : job.coding->step[index] * 0.5F,
           .region_shift = job.coding->region_shift};
  return b;
}

}  // namespace

Result<void> DecodeBlocks(Source& source, std::span<const BlockJob> jobs) {
  thread_local Batch batch;
  batch.reads.clear(), batch.segments.clear(), batch.blocks.clear();
  size_t bytes = 0;
  for (const BlockJob& job : jobs) {
    CodeBlock b = BlockOf(job);
    const size_t first_segment = batch.segments.size();
    for (uint32_t p = job.block->first; p != kNoPiece; p = (*job.pieces)[p].next) {
      const Piece& piece = (*job.pieces)[p];
      for (size_t s = batch.segments.size() - first_segment; s <= piece.segment; ++s) {
        int before = 0;
        for (size_t i = first_segment; i < batch.segments.size(); ++i)
          before += batch.segments[i].passes;
        batch.segments.push_back(
            {.passes = std::min(PassesOfSegment(b.style, before), b.passes - before)});
      }
      batch.segments.back().bytes += piece.bytes;
      if (piece.bytes > 0) batch.reads.push_back({job.data, piece.at, piece.bytes, bytes});
      bytes += piece.bytes;
    }
    // Pointers follow when the vectors have come to rest.
    b.segments = std::span<const Segment>(static_cast<const Segment*>(nullptr),
                                          batch.segments.size() - first_segment);
    batch.blocks.push_back(b);
  }
  if (batch.bytes.size() < bytes) batch.bytes.resize(bytes);
  auto read = ReadAll(source, batch);
  if (!read) return read;
  const Segment* segment = batch.segments.data();
  const uint8_t* at = batch.bytes.data();
  for (CodeBlock& b : batch.blocks) {
    b.data = at;
    b.segments = std::span(segment, b.segments.size());
    for (const Segment& s : b.segments) at += s.bytes;
    segment += b.segments.size();
    if (!IsSound(b))
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 part 1 here: a code-block of {}x{} with {} planes and {} passes",
                  source.name(), b.width, b.height, b.planes, b.passes);
  }
  if (!DecodeCodeBlocks(batch.blocks))
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: a code-block that no coder writes",
                source.name());
  return {};
}

}  // namespace iiifbench::jp2::part1
