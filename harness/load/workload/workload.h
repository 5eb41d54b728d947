// workload: what clients ask, as data: JSON that a user can print, change and give back;
// deterministic by seed.
//
//   {"name": "thumbnails", "about": "...", "order": "mix" | "page" | "each", "per_page": [20, 60],
//    "requests": [{"class": "thumb", "weight": 1, "info": false, "region": R, "size": S, "format":
//    "jpg"}]}
//
// order: mix draws an image and, by weight, a request; page takes each image in turn and asks
// per_page requests of it from top to bottom; each asks every request of every image in turn. R:
// "full" (default);
// {"width": W, "height": H} at a place drawn, W and H pixels or [least, most], clipped to the
// image; {"tile": T, "scale": s}, a tile drawn from the level 1/s, as viewers ask; {"tile": T} with
// s = 1; or any text of the IIIF syntax. S: "full" (all pixels of the region), "1/n" of the
// region's width, or any text of the IIIF syntax ("600,", "!128,128"). Instead of "requests" a file
// may be an access log (access_log.h). Randomness: std::mt19937_64, raw output. Errors: kBadRequest
// with the member that is wrong and what is allowed. Threads: none.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

struct Span {
  int least = 0, most = 0;
};

struct RequestTemplate {
  std::string name;  // its class in results
  double weight = 1;
  bool info = false;
  enum class Place { kText, kBox, kTile } place = Place::kText;
  std::string region = "full";  // kText
  Span width, height;           // kBox
  int tile = 256, scale = 1;    // kTile
  std::string size = "full";    // IIIF text, "full" or "1/n"
  std::string format = "jpg";
};

// A request of a log: answered by the server as it was asked then.
struct LoggedArrival {
  std::string path;                // after the server's prefix
  std::chrono::nanoseconds due{};  // after the first of the log
};

struct Workload {
  std::string name, about;
  enum class Order { kMix, kPage, kEach, kLog } order = Order::kMix;
  Span per_page{20, 60};
  std::vector<RequestTemplate> requests;
  std::vector<LoggedArrival> log;  // kLog
};

struct WorkloadImage {
  std::string file;  // as the server identifies it
  std::string path;  // of the file here; empty when only the server has it
  Size size;
};

struct PlannedRequest {
  std::string request_class;
  size_t image = 0;                             // index of WorkloadImage
  std::string path;                             // after the identifier; of a log: after the prefix
  std::optional<std::chrono::nanoseconds> due;  // of a log
};

Result<Workload> ParseWorkload(std::string_view json);
// "founding", "viewer", "lines", "training", "thumbnails"; JSON text, or empty.
std::string_view BuiltInWorkload(std::string_view name);
std::span<const std::string_view> BuiltInWorkloads();
// A built-in name, a JSON file, or any other file as an access log whose paths begin with
// `log_prefix`.
Result<Workload> LoadWorkload(const std::string& name_or_file, std::string_view log_prefix = {});

// The endless stream of requests; a log ends.
class RequestStream {
 public:
  // `full_size`: how the server spells all pixels, "full" or "max". CHECKs that there is an image
  // unless it is a log.
  RequestStream(const Workload& workload, std::vector<WorkloadImage> images, uint64_t seed,
                std::string full_size = "full");
  std::optional<PlannedRequest> Next();
  const std::vector<WorkloadImage>& images() const { return images_; }

 private:
  PlannedRequest Draw(const RequestTemplate& request, size_t image, double height_share);
  const RequestTemplate& DrawByWeight();

  Workload workload_;
  std::vector<WorkloadImage> images_;
  std::mt19937_64 random_;
  std::string full_size_;
  size_t position_ = 0;                 // of the image (page), of the pair (each), of the log
  int left_on_page_ = 0, on_page_ = 0;  // page
};

}  // namespace iiifbench
