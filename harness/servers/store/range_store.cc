#include "harness/servers/store/range_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "harness/servers/launch/process.h"
#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// mod_proxy must not wait for a whole answer before it passes on the first byte. HTTP/2 is off
// because JDK clients ask for it.
constexpr std::string_view kGateway = R"($SERVER["socket"] == "127.0.0.1:{files}" {{
  accesslog.filename = "/dev/null"
}}
$SERVER["socket"] == "127.0.0.1:{port}" {{
  proxy.server = ("" => (("host" => "127.0.0.1", "port" => {link})))
  server.stream-response-body = 1
}}
)";

}  // namespace

std::vector<StoreLogLine> ParseStoreLog(std::string_view text) {
  std::vector<StoreLogLine> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string id, bytes;
    double microseconds = 0;
    StoreLogLine out;
    if (!(fields >> id >> microseconds >> out.status >> bytes)) continue;
    out.id = id == "-" ? -1 : std::atoll(id.c_str());
    out.ms = microseconds / 1e3;
    out.bytes = bytes == "-" ? 0 : std::atoll(bytes.c_str());
    lines.push_back(out);
  }
  return lines;
}

Result<std::unique_ptr<RangeStore>> RangeStore::Start(const RangeStoreOptions& options) {
  const std::string program = FindProgram("lighttpd");
  if (program.empty())
    return Fail(ErrorKind::kNotFound, "the range store needs lighttpd: apt-get install lighttpd");
  auto port = FreePort();
  if (!port) return port.error();
  std::unique_ptr<RangeStore> store(new RangeStore);
  store->port_ = *port;
  const std::string folder = fs::absolute(options.run_folder);
  store->log_ = folder + "/store-access.log";
  std::error_code ignored;
  fs::remove(store->log_, ignored);
  std::string gateway, modules = R"("mod_accesslog")";
  if (options.one_way_delay.count() > 0 || options.bytes_per_second > 0) {
    auto files = FreePort();
    if (!files) return files.error();
    if (*files == *port) return Fail(ErrorKind::kIo, "range store: no two free ports; try again");
    auto link = LinkProxy::Start({.port = *files,
                                  .one_way_delay = options.one_way_delay,
                                  .bytes_per_second = options.bytes_per_second});
    if (!link) return link.error();
    store->link_ = std::move(*link);
    modules += R"(, "mod_proxy")";
    gateway = fmt::format(kGateway, fmt::arg("files", *files), fmt::arg("port", *port),
                          fmt::arg("link", store->link_->port()));
  }
  auto written = WriteFileAndFolder(
      folder + "/store.conf",
      fmt::format(R"(server.bind = "127.0.0.1"
server.port = {}
server.document-root = "{}"
server.modules = ({})
server.max-keep-alive-requests = 1000000
server.feature-flags = ("server.h2proto" => "disable", "server.h2c" => "disable")
accesslog.filename = "{}"
accesslog.format = "%{{X-Request-Id}}i %D %s %b %U"
mimetype.assign = (".jpg" => "image/jpeg", ".tif" => "image/tiff", ".jp2" => "image/jp2", "" => "application/octet-stream")
{})",
                  *port, std::string(fs::absolute(options.folder)), modules, store->log_, gateway));
  if (!written) return written.error();
  auto running = Spawn({.title = "the range store",
                        .argv = {program, "-D", "-f", folder + "/store.conf"},
                        .image_url = store->url(),
                        .ready_url = store->url() + "absent",
                        .output = folder + "/store.out",
                        .log = folder + "/store.out",
                        .patience = std::chrono::seconds(10)});
  if (!running) return running.error();
  store->running_ = std::move(*running);
  return store;
}

Result<std::vector<StoreLogLine>> RangeStore::EndAndReadLog() {
  running_.reset();
  std::ifstream in(log_);
  if (!in) return Fail(ErrorKind::kIo, "{}: lighttpd wrote no log", log_);
  return ParseStoreLog(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace iiifbench
