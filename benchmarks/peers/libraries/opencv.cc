// OpenCV: imgproc and imgcodecs, one thread. It has no regions: a file is decoded whole and
// cropped.
#include <memory>

#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {
namespace {

Result<std::string> Version() {
  cv::setNumThreads(1);
  return "OpenCV " + cv::getVersionString();
}

cv::Mat Wrap(const ConstPixelView& pixels) {
  return {pixels.height, pixels.width, CV_8UC3, const_cast<uint8_t*>(pixels.data),
          static_cast<size_t>(pixels.stride_bytes)};
}

void Keep(const cv::Mat& mat, bool blue_first, Answer& answer) {
  if (!answer.keep) return;
  answer.pixels = Image({mat.cols, mat.rows}, 3);
  cv::Mat to = Wrap(answer.pixels.view());
  blue_first ? cv::cvtColor(mat, to, cv::COLOR_BGR2RGB) : mat.copyTo(to);
}

Result<cv::Mat> ReadLevel(const Task& task) {
  constexpr int kReduced[] = {cv::IMREAD_COLOR, cv::IMREAD_REDUCED_COLOR_2,
                              cv::IMREAD_REDUCED_COLOR_4, cv::IMREAD_REDUCED_COLOR_8};
  cv::Mat mat = cv::imread(task.path, kReduced[task.level]);
  if (mat.empty()) return Fail(ErrorKind::kBadInput, "OpenCV cannot read {}", task.path);
  return mat;
}

Result<cv::Mat> ReadRegion(const Task& task) {
  auto mat = ReadLevel(task);
  if (!mat) return mat;
  const Region r = OnLevel(task);
  return (*mat)(cv::Rect(r.x, r.y, r.width, r.height));
}

void Write(const cv::Mat& mat, const Task& task, Answer& answer) {
  std::vector<uint8_t> bytes;
  if (task.kind == Kind::kEncode && task.format == "png") {
    cv::imencode(".png", mat, bytes, {cv::IMWRITE_PNG_COMPRESSION, 3});
  } else if (task.kind == Kind::kEncode && task.format == "webp") {
    cv::imencode(".webp", mat, bytes, {cv::IMWRITE_WEBP_QUALITY, task.quality});
  } else {
    cv::imencode(".jpg", mat, bytes, {cv::IMWRITE_JPEG_QUALITY, task.quality});
  }
  if (answer.keep) answer.bytes = std::move(bytes);
}

Job ResizeJob(const Task& task, int interpolation, std::string label, std::string differs) {
  return {.label = std::move(label),
          .differs = std::move(differs),
          .run = [=](Answer& answer) -> Result<void> {
            cv::Mat out;
            cv::resize(Wrap(task.pixels), out, cv::Size(task.out.width, task.out.height), 0, 0,
                       interpolation);
            Keep(out, false, answer);
            return {};
          }};
}

std::vector<Job> ResizeJobs(const Task& task) {
  constexpr auto kWhy = "no antialiasing";
  switch (task.filter) {
    case Filter::kBox:
      return {ResizeJob(task, cv::INTER_AREA, "OpenCV AREA", "")};
    case Filter::kTriangle:
      return {ResizeJob(task, cv::INTER_LINEAR, "OpenCV LINEAR", kWhy)};
    case Filter::kBicubic:
      return {ResizeJob(task, cv::INTER_CUBIC, "OpenCV CUBIC", kWhy)};
    default:
      return {ResizeJob(task, cv::INTER_LANCZOS4, "OpenCV LANCZOS4", kWhy)};
  }
}

std::vector<Job> Prepare(const Task& task) {
  // JPEG 2000 is switched off in Debian's build; a TIFF is read whole, first page only.
  if (task.kind != Kind::kResize && task.kind != Kind::kEncode && task.format != "jpeg") return {};
  switch (task.kind) {
    case Kind::kResize:
      return ResizeJobs(task);
    case Kind::kRegion:
      return {{.label = "OpenCV, whole decode", .run = [=](Answer& answer) -> Result<void> {
                 auto mat = ReadRegion(task);
                 if (!mat) return mat.error();
                 Keep(*mat, true, answer);
                 return {};
               }}};
    case Kind::kEncode: {
      if (task.format == "jp2" || task.format == "tiff") return {};
      auto blue_first = std::make_shared<cv::Mat>();
      cv::cvtColor(Wrap(task.pixels), *blue_first, cv::COLOR_RGB2BGR);
      return {{.label = "OpenCV", .run = [=](Answer& answer) -> Result<void> {
                 Write(*blue_first, task, answer);
                 return {};
               }}};
    }
    case Kind::kRequest:
      return {{.label = "OpenCV, whole decode", .run = [=](Answer& answer) -> Result<void> {
                 auto mat = ReadRegion(task);
                 if (!mat) return mat.error();
                 cv::Mat out;
                 cv::resize(*mat, out, cv::Size(task.out.width, task.out.height), 0, 0,
                            cv::INTER_AREA);
                 Write(out, task, answer);
                 return {};
               }}};
  }
  return {};
}

}  // namespace

extern const Peer opencv_peer;
const Peer opencv_peer = {.name = "OpenCV",
                          .version = Version,
                          .prepare = Prepare,
                          .calls = "libjpeg-turbo libpng libwebp"};

}  // namespace iiifbench::peers
