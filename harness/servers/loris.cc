// Loris 3.2 under gunicorn: an importable Python package, not the program of that name on PyPI.
//
// Found by LORIS_PYTHON (default /usr/bin/python3) and LORIS_PYTHONPATH. Fair settings: both caches
// off, one process, one thread per worker; JPEG quality is fixed at 90. On Python 3.11 with
// Werkzeug 2.2 and Pillow 9.4 three names that went away are provided before the import.
#include <filesystem>

#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

std::string Python() { return FindProgram(EnvironmentOr("LORIS_PYTHON", "/usr/bin/python3")); }

constexpr std::string_view kNames = R"(import PIL.Image, werkzeug.wrappers as wrappers
if not hasattr(wrappers, "BaseResponse"): wrappers.BaseResponse = wrappers.Response
if not hasattr(wrappers, "CommonResponseDescriptorsMixin"):
    wrappers.CommonResponseDescriptorsMixin = type("CommonResponseDescriptorsMixin", (), {})
if not hasattr(PIL.Image, "ANTIALIAS"): PIL.Image.ANTIALIAS = PIL.Image.LANCZOS
PIL.Image.MAX_IMAGE_PIXELS = None
)";

Result<Installation> Find() {
  constexpr std::string_view kAdvice =
      "get the source release of loris-imageserver/loris 3.2.1 and set LORIS_PYTHONPATH to it "
      "(PyPI's loris "
      "is another program)";
  const std::string python = Python();
  const std::string path = EnvironmentOr("LORIS_PYTHONPATH", "");
  if (python.empty()) return Fail(ErrorKind::kNotFound, "Loris needs Python: {}", kAdvice);
  const std::string script =
      std::string(kNames) +
      "import loris.webapp, gunicorn, loris\nprint('version=' + str(getattr(loris, "
      "'__version__', 'unknown')))";
  const std::string out = OutputOf({"/usr/bin/env", "PYTHONPATH=" + path, python, "-c", script});
  const size_t at = out.rfind("version=");
  if (at == std::string::npos)
    return Fail(ErrorKind::kNotFound, "Loris is not installed: {}", kAdvice);
  std::string version = out.substr(at + 8);
  while (!version.empty() && version.back() == '\n') version.pop_back();
  return Installation{python, version};
}

std::string Refuses(const Recipe&) { return {}; }

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  auto found = Find();
  if (!found) return found.error();
  auto port = FreePort();
  if (!port) return port.error();
  const std::string folder = std::filesystem::absolute(settings.run_folder),
                    path = EnvironmentOr("LORIS_PYTHONPATH", "");
  std::error_code error;
  for (const char* part : {"/cache", "/tmp", "/log"})
    std::filesystem::create_directories(folder + part, error);
  const std::string configuration =
      fmt::format(R"([loris.Loris]
tmp_dp = '{folder}/tmp'
www_dp = '{path}/loris/data/www'
run_as_user = 'root'
run_as_group = 'root'
enable_caching = False
redirect_canonical_image_request = False
redirect_id_slash_to_info = True
max_size_above_full = 200
proxy_path = None
[logging]
log_to = 'console'
log_level = 'WARNING'
log_dir = '{folder}/log'
max_size = 5242880
max_backups = 5
format = '%(asctime)s %(message)s'
[resolver]
impl = 'loris.resolver.SimpleFSResolver'
src_img_root = '{images}'
[img.ImageCache]
cache_dp = '{folder}/cache'
[img_info.InfoCache]
cache_dp = '{folder}/cache'
[transforms]
dither_bitonal_images = False
target_formats = ['jpg','png','gif','webp']
    [[jpg]]
    impl = 'JPG_Transformer'
    [[tif]]
    impl = 'TIF_Transformer'
    [[png]]
    impl = 'PNG_Transformer'
    [[jp2]]
    impl = 'OPJ_JP2Transformer'
    tmp_dp = '{folder}/tmp'
    opj_decompress = '{opj}'
    mkfifo = '/usr/bin/mkfifo'
    map_profile_to_srgb = False
    srgb_profile_fp = ''
)",
                  fmt::arg("folder", folder), fmt::arg("path", path),
                  fmt::arg("images", std::string(std::filesystem::absolute(settings.image_folder))),
                  fmt::arg("opj", FindProgram("opj_decompress")));
  auto written = WriteFileAndFolder(folder + "/loris.conf", configuration);
  if (!written) return written.error();
  written = WriteFileAndFolder(
      folder + "/app.py",
      std::string(kNames) +
          "from loris.webapp import create_app\napplication = create_app(config_file_path='" +
          folder + "/loris.conf')\n");
  if (!written) return written.error();
  const std::string base = fmt::format("http://127.0.0.1:{}/", *port);
  return Spawn({.title = "Loris",
                .argv = {found->program, "-m", "gunicorn", "app:application", "--bind",
                         fmt::format("127.0.0.1:{}", *port), "--workers",
                         fmt::format("{}", settings.workers), "--worker-class", "gthread",
                         "--threads", "1", "--keep-alive", "600", "--timeout", "120"},
                .environment = {{"PYTHONPATH", path}},
                .folder = folder,
                .image_url = base,
                .ready_url = base + "absent/info.json",
                .output = folder + "/loris.out",
                .log = folder + "/loris.out",
                .installation = *found,
                .intended = {{"workers", fmt::format("{} (gunicorn processes, one thread each)",
                                                     settings.workers)},
                             {"jpeg_quality", "90 (fixed)"},
                             {"cache", "off"}}});
}

// The image runs Werkzeug's development server with the configuration that it brings.
std::map<std::string, std::string> Environment(const ServerSettings&) { return {}; }
std::map<std::string, std::string> Intended(const ServerSettings&) {
  return {
      {"workers", "as in the image"}, {"jpeg_quality", "90 (fixed)"}, {"cache", "as in the image"}};
}
constexpr ContainerImage kImage = {.name = "lorisimageserver/loris",
                                   .port = 5004,
                                   .path = "/",
                                   .images = "/usr/local/share/images",
                                   .environment = Environment,
                                   .intended = Intended};

}  // namespace

extern const Server loris_server;
const Server loris_server = {.name = "loris",
                             .title = "Loris",
                             .version = ApiVersion::k2,
                             .full_size = "full",
                             .find = Find,
                             .refuses = Refuses,
                             .start = Start,
                             .published = &kImage};

}  // namespace iiifbench
