// zimg: resize of planes; RGB is split before and merged behind, as a user of interleaved pixels
// must.
#include <zimg.h>

#include <memory>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {
namespace {

Result<std::string> Version() {
  unsigned major = 0, minor = 0, micro = 0;
  zimg_get_version_info(&major, &minor, &micro);
  return fmt::format("zimg {}.{}.{}", major, minor, micro);
}

// Three planes with rows aligned to 64 bytes, as zimg asks.
struct PlanarImage {
  explicit PlanarImage(Size size)
      : stride((size.width + 63) / 64 * 64),
        plane(int64_t{stride} * size.height),
        memory({stride, size.height * 3}, 1) {}
  uint8_t* at(int p) { return memory.view().data + p * plane; }
  int stride;
  int64_t plane;
  Image memory;
};

struct Graph {
  Graph(const Task& task)
      : in(task.pixels.size()), out(task.out) {  // NOLINT(google-explicit-constructor)
    zimg_image_format from = Format(task.pixels.size()), to = Format(task.out);
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.cpu_type = ZIMG_CPU_AUTO_64B;
    params.resample_filter = task.filter == Filter::kTriangle  ? ZIMG_RESIZE_BILINEAR
                             : task.filter == Filter::kBicubic ? ZIMG_RESIZE_BICUBIC
                                                               : ZIMG_RESIZE_LANCZOS;
    params.filter_param_a = task.filter == Filter::kLanczos3 ? 3 : 0;
    params.filter_param_b = 0.5;
    graph = zimg_filter_graph_build(&from, &to, &params);
    size_t bytes = 0;
    if (graph != nullptr) zimg_filter_graph_get_tmp_size(graph, &bytes);
    scratch = Image({static_cast<int>(bytes + 64), 1}, 1);
  }
  ~Graph() { zimg_filter_graph_free(graph); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  static zimg_image_format Format(Size size) {
    zimg_image_format format;
    zimg_image_format_default(&format, ZIMG_API_VERSION);
    format.width = static_cast<unsigned>(size.width);
    format.height = static_cast<unsigned>(size.height);
    format.pixel_type = ZIMG_PIXEL_BYTE;
    format.color_family = ZIMG_COLOR_RGB;
    format.matrix_coefficients = ZIMG_MATRIX_RGB;
    format.pixel_range = ZIMG_RANGE_FULL;
    return format;
  }

  zimg_filter_graph* graph = nullptr;
  PlanarImage in, out;
  Image scratch;
};

void Split(const ConstPixelView& from, PlanarImage& to) {
  for (int y = 0; y < from.height; ++y) {
    const uint8_t* row = from.row(y);
    uint8_t* __restrict r = to.at(0) + int64_t{y} * to.stride;
    uint8_t* __restrict g = to.at(1) + int64_t{y} * to.stride;
    uint8_t* __restrict b = to.at(2) + int64_t{y} * to.stride;
    for (int x = 0; x < from.width; ++x) {
      r[x] = row[3 * x];
      g[x] = row[3 * x + 1];
      b[x] = row[3 * x + 2];
    }
  }
}

void Merge(PlanarImage& from, const PixelView& to) {
  for (int y = 0; y < to.height; ++y) {
    const uint8_t* r = from.at(0) + int64_t{y} * from.stride;
    const uint8_t* g = from.at(1) + int64_t{y} * from.stride;
    const uint8_t* b = from.at(2) + int64_t{y} * from.stride;
    uint8_t* __restrict row = to.row(y);
    for (int x = 0; x < to.width; ++x) {
      row[3 * x] = r[x];
      row[3 * x + 1] = g[x];
      row[3 * x + 2] = b[x];
    }
  }
}

std::vector<Job> Prepare(const Task& task) {
  if (task.kind != Kind::kResize || task.filter == Filter::kBox) return {};
  auto graph = std::make_shared<Graph>(task);
  auto merged = std::make_shared<Image>(task.out, 3);
  return {{.label = "zimg, split and merged", .run = [=](Answer& answer) -> Result<void> {
             if (graph->graph == nullptr) return Fail(ErrorKind::kUnsupported, "zimg: no graph");
             Split(task.pixels, graph->in);
             zimg_image_buffer_const from{.version = ZIMG_API_VERSION};
             zimg_image_buffer to{.version = ZIMG_API_VERSION};
             for (int p = 0; p < 3; ++p) {
               from.plane[p] = {graph->in.at(p), graph->in.stride, ZIMG_BUFFER_MAX};
               to.plane[p] = {graph->out.at(p), graph->out.stride, ZIMG_BUFFER_MAX};
             }
             if (zimg_filter_graph_process(graph->graph, &from, &to, graph->scratch.view().data,
                                           nullptr, nullptr, nullptr,
                                           nullptr) != ZIMG_ERROR_SUCCESS)
               return Fail(ErrorKind::kUnsupported, "zimg: processing failed");
             Merge(graph->out, merged->view());
             if (answer.keep) {
               answer.pixels = Image(task.out, 3);
               CopyPixels(merged->view(), answer.pixels.view());
             }
             return {};
           }}};
}

}  // namespace

extern const Peer zimg_peer;
const Peer zimg_peer = {.name = "zimg", .version = Version, .prepare = Prepare};

}  // namespace iiifbench::peers
