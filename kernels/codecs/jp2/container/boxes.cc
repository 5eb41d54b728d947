#include "kernels/codecs/jp2/container/boxes.h"

#include <algorithm>
#include <array>

namespace iiifbench::jp2 {
namespace {

constexpr uint32_t Name(const char (&text)[5]) {
  return uint32_t{static_cast<uint8_t>(text[0])} << 24 |
         uint32_t{static_cast<uint8_t>(text[1])} << 16 |
         uint32_t{static_cast<uint8_t>(text[2])} << 8 | static_cast<uint8_t>(text[3]);
}
constexpr uint32_t kFileType = Name("ftyp"), kHeader = Name("jp2h"), kImageHeader = Name("ihdr"),
                   kColour = Name("colr"), kPalette = Name("pclr"), kMapping = Name("cmap"),
                   kDefinitions = Name("cdef"), kCodestream = Name("jp2c");
// What only compound images and movies have.
constexpr uint32_t kJpmHeader = Name("mhdr"), kMovie = Name("moov");
constexpr int kMostBoxes = 10000, kMostEntries = 1024, kMostColumns = 255;
constexpr int64_t kLargestContent = int64_t{1} << 20;

uint32_t BoxWord(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}
int BoxHalf(const uint8_t* p) { return p[0] << 8 | p[1]; }

struct Box {
  int64_t at = 0;
  uint32_t type = 0;
  int64_t content = 0, end = 0;  // inside what holds it
  bool complete = true;          // else it says that it ends behind it
};

Error WrongBox(const Source& source, std::string_view what, int64_t at) {
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} at byte {}", source.name(), what, at);
}

Result<Box> ReadBox(Source& source, int64_t at, int64_t end) {
  std::array<uint8_t, 16> head{};
  auto read = source.ReadSome(at, head);
  if (!read) return read.error();
  Box box{.at = at, .type = BoxWord(head.data() + 4), .content = at + 8};
  uint64_t length = BoxWord(head.data());
  if (length == 1) {
    if (*read < 16 || end - at < 16) return WrongBox(source, "a box without its length", at);
    length = uint64_t{BoxWord(head.data() + 8)} << 32 | BoxWord(head.data() + 12);
    box.content = at + 16;
  } else if (length == 0) {
    length = static_cast<uint64_t>(end - at);
  }
  if (length < static_cast<uint64_t>(box.content - at))
    return WrongBox(source, "a box of impossible length", at);
  box.complete = length <= static_cast<uint64_t>(end - at);
  box.end = box.complete ? at + static_cast<int64_t>(length) : end;
  return box;
}

Result<std::vector<uint8_t>> Content(Source& source, const Box& box, size_t least) {
  if (!box.complete) return WrongBox(source, "a box that ends behind what holds it", box.at);
  std::vector<uint8_t> bytes(static_cast<size_t>(std::min(box.end - box.content, kLargestContent)));
  if (bytes.size() < least) return WrongBox(source, "a box that is too short", box.at);
  auto got = source.ReadAt(box.content, bytes);
  if (!got) return got.error();
  return bytes;
}

Result<void> ReadBrand(Source& source, const Box& box) {
  auto bytes = Content(source, box, 8);
  if (!bytes) return bytes.error();
  const uint32_t brand = BoxWord(bytes->data());
  if (brand == Name("jpm "))
    return Fail(ErrorKind::kUnsupported,
                "{}: a JPM file (compound image, T.805): its page is composed of layers, which is "
                "not supported",
                source.name());
  if (brand == Name("mjp2") || brand == Name("mj2s"))
    return Fail(ErrorKind::kUnsupported,
                "{}: a Motion JPEG 2000 file (T.802): a movie has no one picture", source.name());
  return {};
}

Result<void> ReadImageHeader(Source& source, const Box& box, Boxes& boxes) {
  auto bytes = Content(source, box, 14);
  if (!bytes) return bytes.error();
  if ((*bytes)[11] != 7)
    return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000: compression type {} instead of 7",
                source.name(), (*bytes)[11]);
  boxes.header = {.width = BoxWord(bytes->data() + 4),
                  .height = BoxWord(bytes->data()),
                  .components = BoxHalf(bytes->data() + 8)};
  return {};
}

// The first one of a method that we know counts (I.5.3.3).
Result<void> ReadColour(Source& source, const Box& box, Boxes& boxes) {
  if (boxes.enumerated_colour != 0 || !boxes.profile_colour.empty()) return {};
  auto bytes = Content(source, box, 3);
  if (!bytes) return bytes.error();
  const int method = (*bytes)[0];
  if (method == 1) {
    if (bytes->size() < 7) return WrongBox(source, "a colour box that is too short", box.at);
    const uint32_t colour = BoxWord(bytes->data() + 3);
    // 0 is bi-level in JPX, no less a colour space.
    boxes.enumerated_colour =
        colour == 0 ? -1 : static_cast<int>(std::min<uint32_t>(colour, INT32_MAX));
  } else if (method == 2 || method == 3) {
    // ICC.1 7.2.6: the colour space of the data stands at byte 16 of the profile.
    if (bytes->size() < 3 + 20) return WrongBox(source, "an ICC profile that is too short", box.at);
    boxes.profile_colour.assign(reinterpret_cast<const char*>(bytes->data()) + 3 + 16, 4);
  }
  return {};
}

Result<void> ReadPalette(Source& source, const Box& box, Boxes& boxes) {
  if (boxes.palette) return WrongBox(source, "a second palette", box.at);
  auto bytes = Content(source, box, 4);
  if (!bytes) return bytes.error();
  Palette palette{.entries = BoxHalf(bytes->data()), .columns = (*bytes)[2]};
  if (palette.entries < 1 || palette.entries > kMostEntries || palette.columns < 1 ||
      palette.columns > kMostColumns)
    return WrongBox(
        source, fmt::format("a palette of {}x{} values", palette.entries, palette.columns), box.at);
  const auto columns = static_cast<size_t>(palette.columns);
  size_t entry_bytes = 0;
  for (size_t c = 0; c < columns && 3 + c < bytes->size(); ++c) {
    const int bits = ((*bytes)[3 + c] & 0x7F) + 1;
    if (bits > 16)
      return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000: a palette of {} bits", source.name(),
                  bits);
    entry_bytes += bits > 8 ? 2 : 1;
  }
  if (bytes->size() < 3 + columns + entry_bytes * static_cast<size_t>(palette.entries))
    return WrongBox(source, "a palette without all its values", box.at);
  const uint8_t* from = bytes->data() + 3 + columns;
  for (int e = 0; e < palette.entries; ++e) {
    for (size_t c = 0; c < columns; ++c) {
      const int bits = ((*bytes)[3 + c] & 0x7F) + 1, top = (1 << bits) - 1;
      int value = bits > 8 ? BoxHalf(from) : *from;
      from += bits > 8 ? 2 : 1;
      if (((*bytes)[3 + c] & 0x80) != 0) value ^= 1 << (bits - 1);  // two's complement to offset
      value = std::min(value & 0xFFFF, top);
      palette.values.push_back(static_cast<uint8_t>((value * 255 + top / 2) / top));
    }
  }
  boxes.palette = std::move(palette);
  return {};
}

Result<void> ReadMapping(Source& source, const Box& box, Boxes& boxes) {
  auto bytes = Content(source, box, 4);
  if (!bytes) return bytes.error();
  if (!boxes.mapping.empty()) return WrongBox(source, "a second component mapping", box.at);
  for (size_t at = 0; at + 4 <= bytes->size() && at < size_t{4} * kMostColumns; at += 4) {
    const uint8_t* entry = bytes->data() + at;
    if (entry[2] > 1)
      return WrongBox(source, fmt::format("component mapping of type {}", entry[2]), box.at);
    boxes.mapping.push_back(
        {.component = BoxHalf(entry), .column = entry[2] == 1 ? int{entry[3]} : -1});
  }
  return {};
}

Result<void> ReadDefinitions(Source& source, const Box& box, Boxes& boxes) {
  auto bytes = Content(source, box, 2);
  if (!bytes) return bytes.error();
  if (!boxes.definitions.empty()) return WrongBox(source, "a second channel definition", box.at);
  const auto count = static_cast<size_t>(BoxHalf(bytes->data()));
  if (bytes->size() < 2 + 6 * count)
    return WrongBox(source, "a channel definition without all its channels", box.at);
  for (size_t n = 0; n < count; ++n) {
    const uint8_t* entry = bytes->data() + 2 + 6 * n;
    boxes.definitions.push_back(
        {.channel = BoxHalf(entry), .type = BoxHalf(entry + 2), .association = BoxHalf(entry + 4)});
  }
  return {};
}

Result<void> ReadHeaderBox(Source& source, const Box& holder, Boxes& boxes) {
  if (!holder.complete)
    return WrongBox(source, "a header box that ends behind the file", holder.at);
  int count = 0;
  for (int64_t at = holder.content; at + 8 <= holder.end;) {
    if (++count > kMostBoxes)
      return WrongBox(source, fmt::format("more than {} boxes", kMostBoxes), at);
    auto box = ReadBox(source, at, holder.end);
    if (!box) return box.error();
    Result<void> read;
    if (box->type == kImageHeader && !boxes.header) read = ReadImageHeader(source, *box, boxes);
    if (box->type == kColour) read = ReadColour(source, *box, boxes);
    if (box->type == kPalette) read = ReadPalette(source, *box, boxes);
    if (box->type == kMapping) read = ReadMapping(source, *box, boxes);
    if (box->type == kDefinitions) read = ReadDefinitions(source, *box, boxes);
    if (!read) return read;
    at = box->end;
  }
  return {};
}

}  // namespace

Result<Boxes> ReadBoxes(Source& source) {
  Boxes boxes{.codestream_end = source.size()};
  std::array<uint8_t, 12> first{};
  auto got = source.ReadAt(0, first);
  if (!got) return got.error();
  if (BoxWord(first.data()) != 12) return boxes;
  boxes.present = true;
  bool header_seen = false;
  int count = 0;
  for (int64_t at = 0; at + 8 <= source.size();) {
    if (++count > kMostBoxes)
      return WrongBox(source, fmt::format("more than {} boxes", kMostBoxes), at);
    auto box = ReadBox(source, at, source.size());
    if (!box) return box.error();
    if (box->type == kFileType) {
      auto brand = ReadBrand(source, *box);
      if (!brand) return brand.error();
    } else if (box->type == kJpmHeader || box->type == kMovie) {
      return Fail(ErrorKind::kUnsupported,
                  "{}: a compound image or a movie of the JPEG 2000 family, not one picture",
                  source.name());
    } else if (box->type == kHeader && !header_seen) {
      header_seen = true;
      auto read = ReadHeaderBox(source, *box, boxes);
      if (!read) return read.error();
    } else if (box->type == kCodestream) {
      if (!header_seen || !boxes.header)
        return WrongBox(source, "a codestream box before a header box with ihdr", at);
      boxes.codestream = box->content, boxes.codestream_end = box->end;
      return boxes;
    }
    at = box->end;
  }
  return WrongBox(source, "no codestream box before the end", source.size());
}

}  // namespace iiifbench::jp2
