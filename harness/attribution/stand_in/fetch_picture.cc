#include "harness/attribution/stand_in/fetch_picture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/http/address.h"

namespace iiifbench {
namespace {

constexpr int kAll = std::numeric_limits<int>::max();

// Sides of regions are multiples of it where they can be: whole blocks of a JPEG.
constexpr int kBlock = 16;

int Rounded(int side) { return side > kBlock ? side / kBlock * kBlock : std::max(1, side); }

std::vector<Region> Grid(Size image, Size piece) {
  std::vector<Region> out;
  for (int y = 0; y < image.height; y += piece.height) {
    for (int x = 0; x < image.width; x += piece.width)
      out.push_back(
          {x, y, std::min(piece.width, image.width - x), std::min(piece.height, image.height - y)});
  }
  return out;
}

bool Lists(const std::vector<std::string>& formats, const char* format) {
  return std::ranges::find(formats, format) != formats.end();
}

class Fetching {
 public:
  Fetching(Client& client, const InfoDocument& info, const FetchOptions& options)
      : client_(client), info_(info), options_(options) {}
  Result<FetchedPicture> All();

 private:
  std::string PathOf(const Region& piece) const;
  Result<Image> Ask(const Region& piece);
  Result<void> Place(const Region& piece, Image picture);

  Client& client_;
  InfoDocument info_;
  const FetchOptions& options_;
  FetchedPicture out_;
  std::string format_, first_path_;
};

std::string Fetching::PathOf(const Region& piece) const {
  const bool three = info_.version == ApiVersion::k3;
  const bool whole = piece.size() == info_.size;
  const std::string region =
      whole ? "full" : fmt::format("{},{},{},{}", piece.x, piece.y, piece.width, piece.height);
  std::string size = three ? "max" : "full";
  // A static server holds files by these names only (2.1 and 3.0, clause 4.7: canonical).
  if (info_.level == 0 && !whole)
    size =
        three ? fmt::format("{},{}", piece.width, piece.height) : fmt::format("{},", piece.width);
  return fmt::format("{}/{}/0/default.{}", region, size, format_);
}

Result<Image> Fetching::Ask(const Region& piece) {
  const std::string path = PathOf(piece);
  if (out_.requests == 0) first_path_ = path;
  const Exchange exchange = client_.Get(Below(options_.url, path));
  ++out_.requests;
  out_.megabytes += static_cast<double>(exchange.body.size()) / 1e6;
  if (!exchange.error.empty()) return Fail(ErrorKind::kIo, "{}: {}", path, exchange.error);
  if (exchange.status != 200) return Fail(ErrorKind::kIo, "{}: status {}", path, exchange.status);
  auto body = Source::Borrow(exchange.body, path);
  auto codec = CodecOf(*body);
  if (!codec) return codec.error();
  const bool png = (*codec)->name == "png";
  if (!png && (*codec)->name != "jpeg")
    return Fail(ErrorKind::kBadInput, "{}: {} came", path, (*codec)->name);
  auto picture = DecodeWhole(*body, Variant::kLibrary);
  if (!picture) return picture.error();
  out_.exact = png;
  if (!png && !out_.encoder) {
    auto facts = ReadEncoderFacts(exchange.body);
    if (facts) out_.encoder = *facts;
  }
  return picture;
}

// Grey pieces of a colour picture become colour.
Result<void> Fetching::Place(const Region& piece, Image picture) {
  if (out_.picture.width() == 0) out_.picture = Image(info_.size, picture.channels());
  const int channels = out_.picture.channels();
  const PixelView to = out_.picture.view().crop(piece);
  if (picture.channels() == channels) {
    CopyPixels(picture.view(), to);
    return {};
  }
  if (picture.channels() != 1 || channels != 3)
    return Fail(ErrorKind::kBadInput, "{}: {} channels came, before {}", PathOf(piece),
                picture.channels(), channels);
  for (int y = 0; y < piece.height; ++y) {
    for (int x = 0; x < piece.width; ++x) {
      for (int c = 0; c < 3; ++c) to.row(y)[3 * x + c] = picture.view().row(y)[x];
    }
  }
  return {};
}

Result<FetchedPicture> Fetching::All() {
  const double raw_mb = static_cast<double>(info_.size.pixels()) * 3 / 1e6;
  const bool png = info_.level != 0 && (info_.level == 2 || Lists(info_.formats, "png")) &&
                   raw_mb <= options_.max_megabytes;
  format_ = png ? "png" : "jpg";
  std::vector<Region> pieces = PiecesOf(info_);
  bool smaller = false;
  for (size_t i = 0; i < pieces.size();) {
    if (options_.stop != nullptr && options_.stop->load())
      return Fail(ErrorKind::kIo, "stopped while the picture was fetched");
    const int asked = static_cast<int>(pieces.size());
    if (out_.requests + asked - static_cast<int>(i) > options_.max_requests)
      return Fail(ErrorKind::kTooLarge,
                  "the picture of {}x{} takes {} requests of at most {}x{} pixels, and no more "
                  "than {} are sent for it; give the file with --source",
                  info_.size.width, info_.size.height, asked, pieces[0].width, pieces[0].height,
                  options_.max_requests);
    const double foretold =
        i == 0 ? 0 : out_.megabytes / static_cast<double>(i) * static_cast<double>(pieces.size());
    if (foretold > options_.max_megabytes)
      return Fail(ErrorKind::kTooLarge,
                  "the picture takes about {:.0f} MB, and no more than {:.0f} are fetched; give "
                  "the file with --source",
                  foretold, options_.max_megabytes);
    auto picture = Ask(pieces[i]);
    if (!picture && i == 0 && format_ == "png") {  // claimed, and not made
      format_ = "jpg";
      continue;
    }
    if (!picture) return picture.error();
    if (picture->size() != pieces[i].size()) {
      const bool less = picture->width() < pieces[i].width && picture->height() <= pieces[i].height;
      if (i > 0 || smaller || !less || info_.level == 0)
        return Fail(ErrorKind::kBadInput, "{}: {}x{} pixels came instead of {}x{}",
                    PathOf(pieces[i]), picture->width(), picture->height(), pieces[i].width,
                    pieces[i].height);
      smaller = true;
      info_.max_width = picture->width(), info_.max_height = picture->height();
      pieces = PiecesOf(info_);
      continue;
    }
    auto placed = Place(pieces[i], std::move(*picture));
    if (!placed) return placed.error();
    ++i;
    if (options_.progress && pieces.size() > 1 && i % 10 == 0)
      options_.progress(fmt::format("fetched {} of {} pieces of the picture, {:.1f} MB", i,
                                    pieces.size(), out_.megabytes));
  }
  out_.pieces = static_cast<int>(pieces.size());
  out_.words = fmt::format(
      "{}: {}x{} in {} request{}, {:.1f} MB{}", out_.pieces == 1 ? PathOf(pieces[0]) : first_path_,
      info_.size.width, info_.size.height, out_.requests, out_.requests == 1 ? "" : "s",
      out_.megabytes,
      out_.pieces == 1 ? std::string() : fmt::format(", {} pieces stitched", out_.pieces));
  return std::move(out_);
}

}  // namespace

std::vector<Region> PiecesOf(const InfoDocument& info) {
  const Size whole = info.size;
  if (info.level == 0) {
    for (const TileOffer& tile : info.tiles) {
      if (tile.scale_factors.empty() || std::ranges::count(tile.scale_factors, 1) > 0)
        return Grid(whole, {tile.width, tile.height});
    }
    return {{0, 0, whole.width, whole.height}};
  }
  const int most_width = info.max_width > 0 ? info.max_width : kAll;
  // 2.1, 5.3: maxHeight is maxWidth where it is not said.
  const int most_height = info.max_height > 0  ? info.max_height
                          : info.max_width > 0 ? info.max_width
                                               : kAll;
  const double most_area = info.max_area > 0 ? info.max_area : HUGE_VAL;
  Size piece = {std::min(whole.width, most_width), std::min(whole.height, most_height)};
  if (static_cast<double>(piece.pixels()) > most_area)
    piece.height = static_cast<int>(std::max(1.0, std::floor(most_area / piece.width)));
  if (piece.height < kBlock && whole.height > kBlock) {  // flat strips: squares instead
    const int side = static_cast<int>(std::max(1.0, std::floor(std::sqrt(most_area))));
    piece = {std::min(whole.width, std::min(most_width, side)),
             std::min(whole.height, std::min(most_height, side))};
  }
  if (piece == whole) return {{0, 0, whole.width, whole.height}};
  if (piece.width < whole.width) piece.width = Rounded(piece.width);
  if (piece.height < whole.height) piece.height = Rounded(piece.height);
  return Grid(whole, piece);
}

Result<FetchedPicture> FetchPicture(Client& client, const InfoDocument& info,
                                    const FetchOptions& options) {
  return Fetching(client, info, options).All();
}

}  // namespace iiifbench
