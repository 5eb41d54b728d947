// iiif_processor: Samvera's iiif-processor (serverless-iiif) over libvips, in Node.
//
// The package is a library without a server, so a host of ours, written into the run folder,
// answers its results over HTTP. Found by IIIF_PROCESSOR, a folder whose node_modules holds
// iiif-processor. Fair settings: libvips' operation cache off, `threads` libvips threads, no
// derivative cache (it has none). One Node process whatever `workers` says. Its JPEG quality is its
// own.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

constexpr std::string_view kHost =
    R"(// argv: folder of the package, folder of images, port, threads
const [folder, images, port, threads] = process.argv.slice(2);
const {createRequire} = require('module');
const fs = require('fs'), http = require('http'), path = require('path');
const load = createRequire(path.join(folder, 'host.cjs'));
const {Processor} = load('iiif-processor');
// The very sharp that the package loads: its settings are global to the process.
const sharp = createRequire(load.resolve('iiif-processor'))('sharp');
sharp.cache(false);
sharp.concurrency(Number(threads));
const fileOf = (id) => path.join(images, path.basename(decodeURIComponent(id)));
const streamResolver = async ({id}) => {
  await fs.promises.access(fileOf(id));
  return fs.createReadStream(fileOf(id));
};
const answer = async (request, response) => {
  const processor = new Processor(`http://127.0.0.1:${port}${request.url}`, streamResolver, {});
  const result = await processor.execute();
  if (result.type === 'redirect') {
    response.writeHead(302, {location: result.location}).end();
  } else if (result.type === 'content') {
    response.writeHead(200, {'content-type': result.contentType}).end(result.body);
  } else {
    response.writeHead(result.statusCode || 500).end(String(result.message));
  }
};
http.createServer((request, response) => answer(request, response).catch((error) => {
  const status = error.code === 'ENOENT' ? 404 : error.statusCode || 500;
  response.writeHead(status).end(String(error.message));
})).listen(Number(port), '127.0.0.1');
)";

Result<Installation> Find() {
  constexpr std::string_view kAdvice =
      "apt-get install nodejs npm, npm install iiif-processor in a folder and set IIIF_PROCESSOR "
      "to it";
  if (FindProgram("node").empty())
    return Fail(ErrorKind::kNotFound, "iiif-processor needs Node: {}", kAdvice);
  const std::string folder = EnvironmentOr("IIIF_PROCESSOR", "");
  std::ifstream in(folder + "/node_modules/iiif-processor/package.json");
  if (folder.empty() || !in)
    return Fail(ErrorKind::kNotFound, "iiif-processor is not installed: {}", kAdvice);
  const auto package = nlohmann::json::parse(in, nullptr, false);
  return Installation{folder,
                      package.is_object() ? package.value("version", "unknown") : "unknown"};
}

std::string Refuses(const Recipe& recipe) {
  return recipe.extension == "jp2" ? "the libvips of its package reads no JPEG 2000" : "";
}

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  auto found = Find();
  if (!found) return found.error();
  auto port = FreePort();
  if (!port) return port.error();
  const std::string folder = std::filesystem::absolute(settings.run_folder);
  auto written = WriteFileAndFolder(folder + "/host.cjs", kHost);
  if (!written) return written.error();
  const std::string base = fmt::format("http://127.0.0.1:{}/iiif/2/", *port),
                    out = folder + "/node.out";
  return Spawn({.title = "iiif-processor",
                .argv = {"node", folder + "/host.cjs", std::filesystem::absolute(found->program),
                         std::filesystem::absolute(settings.image_folder), fmt::format("{}", *port),
                         fmt::format("{}", settings.threads)},
                .image_url = base,
                .ready_url = base + "absent/info.json",
                .output = out,
                .log = out,
                .installation = *found,
                .intended = {{"processes", "1 of Node"},
                             {"threads", fmt::format("{} of libvips", settings.threads)},
                             {"quality", "its own"},
                             {"cache", "off"}}});
}

}  // namespace

extern const Server iiif_processor_server;
const Server iiif_processor_server = {.name = "iiif_processor",
                                      .title = "iiif-processor",
                                      .version = ApiVersion::k2,
                                      .full_size = "full",
                                      .find = Find,
                                      .refuses = Refuses,
                                      .start = Start};

}  // namespace iiifbench
