// libyuv: resize of four-byte pixels; three bytes are widened before and narrowed behind.
#include <libyuv.h>

#include <memory>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {
namespace {

Result<std::string> Version() { return fmt::format("libyuv {} (header)", LIBYUV_VERSION); }

std::vector<Job> Prepare(const Task& task) {
  if (task.kind != Kind::kResize || task.filter != Filter::kBox) return {};
  auto wide = std::make_shared<Image>(task.pixels.size(), 4);
  auto small = std::make_shared<Image>(task.out, 4);
  auto narrow = std::make_shared<Image>(task.out, 3);
  const bool beyond = task.pixels.width > 2 * task.out.width;
  return {{.label = "libyuv box, widened",
           .differs = beyond ? "four-byte pixels beyond 2:1: not every sample takes part" : "",
           .run = [=](Answer& answer) -> Result<void> {
             const auto stride = [](const auto& view) {
               return static_cast<int>(view.stride_bytes);
             };
             libyuv::RAWToARGB(task.pixels.data, stride(task.pixels), wide->view().data,
                               stride(wide->view()), wide->width(), wide->height());
             libyuv::ARGBScale(wide->view().data, stride(wide->view()), wide->width(),
                               wide->height(), small->view().data, stride(small->view()),
                               small->width(), small->height(), libyuv::kFilterBox);
             libyuv::ARGBToRAW(small->view().data, stride(small->view()), narrow->view().data,
                               stride(narrow->view()), small->width(), small->height());
             if (answer.keep) {
               answer.pixels = Image(task.out, 3);
               CopyPixels(narrow->view(), answer.pixels.view());
             }
             return {};
           }}};
}

}  // namespace

extern const Peer libyuv_peer;
const Peer libyuv_peer = {.name = "libyuv", .version = Version, .prepare = Prepare};

}  // namespace iiifbench::peers
