#include "harness/answers/response_check.h"

#include <algorithm>

#include "harness/answers/info_document.h"
#include "harness/answers/picture_judgement.h"
#include "harness/http/plain_text.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {
namespace {

Result<void> Whole(const Exchange& exchange) {
  if (!exchange.error.empty()) return Fail(ErrorKind::kIo, "transfer: {}", exchange.error);
  if (exchange.status != 200) {
    const std::string_view page(reinterpret_cast<const char*>(exchange.body.data()),
                                std::min<size_t>(exchange.body.size(), 1 << 10));
    const std::string text = CutText(PlainText(page), 160);
    return Fail(ErrorKind::kIo, "status {}: {}", exchange.status, text);
  }
  if (exchange.body.empty()) return Fail(ErrorKind::kBadInput, "an empty body with status 200");
  return {};
}

// "one colour, (128 128 128),"; empty where there is more to see than JPEG makes of one colour.
std::string OneColour(ConstPixelView picture) {
  constexpr int kSpread = 3;
  std::string values;
  for (int c = 0; c < picture.channels; ++c) {
    int low = 255, high = 0;
    for (int y = 0; y < picture.height; ++y) {
      const uint8_t* row = picture.row(y);
      for (int x = 0; x < picture.width; ++x) {
        const int value = row[x * picture.channels + c];
        low = std::min(low, value), high = std::max(high, value);
      }
    }
    if (high - low > kSpread) return {};
    values += fmt::format("{}{}", values.empty() ? "" : " ", (low + high) / 2);
  }
  return fmt::format("one colour, ({}),", values);
}

}  // namespace

Result<ResponseFacts> CheckResponse(const Exchange& exchange, ConstPixelView expected,
                                    double enlarged) {
  auto whole = Whole(exchange);
  if (!whole) return whole.error();
  auto source = Source::Borrow(exchange.body, "answer");
  auto codec = CodecOf(*source);
  if (!codec)
    return Fail(ErrorKind::kBadInput, "status 200 with {} that is no picture",
                exchange.content_type);
  auto info = (*codec)->probe(*source);
  if (!info) return info.error();
  ResponseFacts facts{.size = info->size, .detail = info->detail};
  if (info->size != expected.size()) {
    return Fail(ErrorKind::kBadInput, "{}x{} pixels came instead of {}x{}", info->size.width,
                info->size.height, expected.width, expected.height);
  }
  auto picture = DecodeWhole(*source, Variant::kLibrary);
  if (!picture) return picture.error();
  Image gray;
  ConstPixelView answer = picture->view();
  if (answer.channels != expected.channels) {
    // A grey page may come as RGB; a colour page that comes grey is wrong, and shows as such.
    if (answer.channels != 3)
      return Fail(ErrorKind::kBadInput, "{} channel came instead of {}", answer.channels,
                  expected.channels);
    gray = Image(answer.size(), 1);
    ToGray(answer, gray.view());
    answer = gray.view();
  }
  const PictureJudgement judged = JudgePicture(expected, answer, exchange.body, enlarged);
  facts.psnr = judged.psnr, facts.explained = judged.explained;
  if (judged.verdict == Verdict::kWrong) {
    const std::string flat = OneColour(answer);
    return Fail(ErrorKind::kBadInput, "{} came: {}", flat.empty() ? judged.instead : flat,
                judged.reason);
  }
  facts.change = judged.change;
  if (judged.verdict == Verdict::kCannotTell) facts.doubt = judged.reason;
  return facts;
}

std::string FindingOf(const ResponseFacts& facts) {
  std::string out;
  if (!facts.change.empty()) out = fmt::format("the right picture, but changed: {}", facts.change);
  if (!facts.doubt.empty()) out += (out.empty() ? "" : "; ") + facts.doubt;
  return out;
}

Result<void> CheckInfo(const Exchange& exchange, Size image) {
  auto whole = Whole(exchange);
  if (!whole) return whole;
  const auto info = ParseInfo(exchange);
  if (!info) return info.error();
  if (info->size == Size{image.height, image.width} && image.width != image.height)
    return Fail(ErrorKind::kBadInput,
                "info.json says {}x{} for a file of {}x{}: the sides are swapped, as by an "
                "orientation in the file that the server applies",
                info->size.width, info->size.height, image.width, image.height);
  if (info->size != image) {
    return Fail(ErrorKind::kBadInput, "info.json says {}x{}, not {}x{}", info->size.width,
                info->size.height, image.width, image.height);
  }
  return {};
}

}  // namespace iiifbench
