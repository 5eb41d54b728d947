// The workloads that come along. Numbers: recorded viewer sessions, published load studies, line
// detectors.
#include <array>

#include "harness/load/workload/workload.h"

namespace iiifbench {
namespace {

// Whole page, crop, resize, crop and resize, metadata: the founding study's operations.
constexpr std::string_view kFounding = R"({
 "name": "founding", "order": "each",
 "about": "The founding study: full, crop, resize, crop+resize and metadata of every image in turn",
 "requests": [
  {"class": "full", "size": "full"},
  {"class": "crop", "region": {"width": 1024, "height": 1024}, "size": "full"},
  {"class": "resize", "size": "1/5"},
  {"class": "crop+resize", "region": {"width": 1024, "height": 1024}, "size": "410,"},
  {"class": "info", "info": true}
 ]
})";

constexpr std::string_view kViewer = R"({
 "name": "viewer", "order": "mix",
 "about": "Deep zoom: 256 px tiles by scale factor, thumbnails and info.json as Mirador asked in recorded sessions",
 "requests": [
  {"class": "tile/1", "weight": 21, "region": {"tile": 256, "scale": 1}, "size": "1/1"},
  {"class": "tile/2", "weight": 31, "region": {"tile": 256, "scale": 2}, "size": "1/2"},
  {"class": "tile/4", "weight": 27, "region": {"tile": 256, "scale": 4}, "size": "1/4"},
  {"class": "tile/8", "weight": 13, "region": {"tile": 256, "scale": 8}, "size": "1/8"},
  {"class": "tile/16", "weight": 3, "region": {"tile": 256, "scale": 16}, "size": "1/16"},
  {"class": "tile/32", "weight": 1, "region": {"tile": 256, "scale": 32}, "size": "1/32"},
  {"class": "thumbnail", "weight": 2.7, "size": ",120"},
  {"class": "info", "weight": 0.5, "info": true}
 ]
})";

constexpr std::string_view kLines = R"({
 "name": "lines", "order": "page", "per_page": [20, 60],
 "about": "Handwriting recognition: the text lines of a page in reading order, at full size or 128 or 64 px high",
 "requests": [
  {"class": "line", "weight": 2, "region": {"width": [300, 2500], "height": [40, 150]}, "size": "full"},
  {"class": "line,128", "weight": 1, "region": {"width": [300, 2500], "height": [40, 150]}, "size": ",128"},
  {"class": "line,64", "weight": 1, "region": {"width": [300, 2500], "height": [40, 150]}, "size": ",64"}
 ]
})";

constexpr std::string_view kTraining = R"({
 "name": "training", "order": "each",
 "about": "A training set is fetched: metadata, then the page 1024 px wide, then all of it",
 "requests": [
  {"class": "info", "info": true},
  {"class": "1024,", "size": "1024,"},
  {"class": "full", "size": "full"}
 ]
})";

constexpr std::string_view kThumbnails = R"({
 "name": "thumbnails", "order": "mix",
 "about": "Result lists: thumbnails of every image",
 "requests": [
  {"class": "!128,128", "weight": 3, "size": "!128,128"},
  {"class": ",120", "weight": 1, "size": ",120"},
  {"class": "90,", "weight": 1, "size": "90,"}
 ]
})";

struct Named {
  std::string_view name, json;
};
constexpr std::array<Named, 5> kAll = {{{"founding", kFounding},
                                        {"viewer", kViewer},
                                        {"lines", kLines},
                                        {"training", kTraining},
                                        {"thumbnails", kThumbnails}}};
constexpr std::array<std::string_view, 5> kNames = {kAll[0].name, kAll[1].name, kAll[2].name,
                                                    kAll[3].name, kAll[4].name};

}  // namespace

std::string_view BuiltInWorkload(std::string_view name) {
  for (const Named& one : kAll) {
    if (one.name == name) return one.json;
  }
  return {};
}

std::span<const std::string_view> BuiltInWorkloads() { return kNames; }

}  // namespace iiifbench
