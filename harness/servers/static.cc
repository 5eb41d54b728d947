// static: an IIIF level-0 directory behind lighttpd: network and read only, the least that any
// server costs.
//
// The directory is made from the sources by our own kernels when the server starts: info.json, the
// full size, the full size divided by each scale factor, and all 256 px tiles of each (Image
// API 2.1.1, clause 5.3, and its "level 0" profile). Other requests, a free crop among them, are
// 404: there is nothing that could compute them. Its files are JPEG whatever the source was, so one
// recipe stands for all.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/servers/launch/spawned_server.h"
#include "kernels/codecs/opened.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
constexpr int kTile = 256;
constexpr std::string_view kRecipe = "jpeg_q90";

Result<Installation> Find() {
  const std::string program = FindProgram("lighttpd");
  if (program.empty())
    return Fail(ErrorKind::kNotFound,
                "the static directory needs lighttpd: apt-get install lighttpd");
  const std::string text = OutputOf({program, "-v"});  // "lighttpd/1.4.69 (ssl) - ..."
  const size_t slash = text.find('/'), end = text.find(' ');
  const bool told = slash != std::string::npos && end != std::string::npos && end > slash;
  return Installation{program, told ? text.substr(slash + 1, end - slash - 1) : "unknown"};
}

std::string Refuses(const Recipe& recipe) {
  if (recipe.name == kRecipe) return {};
  return fmt::format("its files are JPEG whatever the source was: see {}", kRecipe);
}

// Powers of two, until the picture fits one tile.
std::vector<int> ScaleFactors(Size image) {
  std::vector<int> factors = {1};
  while (std::max(image.width, image.height) > kTile * factors.back())
    factors.push_back(factors.back() * 2);
  return factors;
}

int Divided(int length, int factor) { return (length + factor - 1) / factor; }

// Everything but info.json that the directory of an image holds.
std::vector<std::string> Paths(Size image) {
  std::vector<std::string> paths = {"full/full/0/default.jpg"};
  for (int factor : ScaleFactors(image)) {
    paths.push_back(fmt::format("full/{},/0/default.jpg", Divided(image.width, factor)));
    const int span = kTile * factor;
    if (span >= image.width && span >= image.height) continue;  // the whole picture is "full"
    for (int y = 0; y < image.height; y += span) {
      for (int x = 0; x < image.width; x += span) {
        const int width = std::min(span, image.width - x),
                  height = std::min(span, image.height - y);
        paths.push_back(fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, width, height,
                                    Divided(width, factor)));
      }
    }
  }
  return paths;
}

std::string Info(Size image, const std::string& id) {
  std::string sizes;
  for (int factor : ScaleFactors(image)) {
    sizes = fmt::format(R"({{"width":{},"height":{}}}{}{})", Divided(image.width, factor),
                        Divided(image.height, factor), sizes.empty() ? "" : ",", sizes);
  }
  return fmt::format(
      R"({{"@context":"http://iiif.io/api/image/2/context.json","@id":"{}","protocol":"http://iiif.io/api/image",)"
      R"("width":{},"height":{},"sizes":[{}],"tiles":[{{"width":{},"scaleFactors":[{}]}}],)"
      R"("profile":["http://iiif.io/api/image/2/level0.json"]}})",
      id, image.width, image.height, sizes, kTile, fmt::join(ScaleFactors(image), ","));
}

Result<void> Generate(const std::string& file, const std::string& folder, const std::string& id,
                      int quality) {
  auto opened = OpenImage(file);
  if (!opened) return opened.error();
  RenderSettings settings;
  settings.encode.quality = quality;
  Renderer renderer;
  Rendered rendered;
  for (const std::string& path : Paths(opened->info.size)) {
    auto request = ParseImageRequest("id/" + path, ApiVersion::k2);
    if (!request) return request.error();
    auto plan = MakeRenderPlan(opened->info, *request, settings);
    if (!plan) return plan.error();
    auto done = renderer.Render(*opened->source, *plan, rendered);
    if (!done) return done;
    const auto& bytes = rendered.bytes;
    auto written = WriteFileAndFolder(folder + "/" + path,
                                      {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!written) return written;
  }
  return WriteFileAndFolder(folder + "/info.json", Info(opened->info.size, id));
}

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  auto found = Find();
  if (!found) return found.error();
  auto port = FreePort();
  if (!port) return port.error();
  const std::string folder = fs::absolute(settings.run_folder),
                    base = fmt::format("http://127.0.0.1:{}/", *port);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(settings.image_folder, error)) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() != ".jpg") continue;
    auto made = Generate(entry.path(), folder + "/www/" + name, base + IdentifierOf(name),
                         settings.jpeg_quality);
    if (!made) return made.error();
  }
  if (error)
    return Fail(ErrorKind::kIo, "{}: cannot read the image folder: {}", settings.image_folder,
                error.message());
  auto written =
      WriteFileAndFolder(folder + "/lighttpd.conf", fmt::format(R"(server.bind = "127.0.0.1"
server.port = {}
server.document-root = "{}/www"
server.max-keep-alive-requests = 1000000
server.max-keep-alive-idle = 600
mimetype.assign = (".jpg" => "image/jpeg", ".json" => "application/json")
)",
                                                                *port, folder));
  if (!written) return written.error();
  return Spawn({.title = "the static directory",
                .argv = {found->program, "-D", "-f", folder + "/lighttpd.conf"},
                .image_url = base,
                .ready_url = base + "absent/info.json",
                .output = folder + "/lighttpd.out",
                .log = folder + "/lighttpd.out",
                .installation = *found,
                .intended = {{"jpeg_quality", fmt::format("{}", settings.jpeg_quality)},
                             {"made", "everything beforehand"}}});
}

}  // namespace

extern const Server static_server;
const Server static_server = {.name = "static",
                              .title = "static directory",
                              .version = ApiVersion::k2,
                              .full_size = "full",
                              .find = Find,
                              .refuses = Refuses,
                              .start = Start,
                              .precomputed = true};

}  // namespace iiifbench
