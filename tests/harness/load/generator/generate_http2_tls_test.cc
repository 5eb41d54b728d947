// HTTP/2 over TLS, chosen by ALPN, with a certificate that signs itself: `load` and `study` through
// lighttpd or nginx before our server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "data/corpus.h"
#include "harness/load/generator/load_point.h"
#include "harness/servers/launch/spawned_server.h"
#include "harness/servers/reference/reference_server.h"
#include "harness/study/study.h"
#include "harness/validation/traps/tls_front.h"

namespace iiifbench {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kLighttpd = R"(server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}"
server.modules = ("mod_openssl", "mod_proxy")
server.max-keep-alive-requests = 1000000
server.feature-flags += ("server.h2proto" => "enable")
ssl.engine = "enable"
ssl.pemfile = "{certificate}"
ssl.privkey = "{key}"
proxy.server = ("" => (("host" => "127.0.0.1", "port" => {behind})))
)";

constexpr std::string_view kNginx = R"(daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    location / {{ proxy_pass http://127.0.0.1:{behind}; }}
  }}
}}
)";

class Http2TlsTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const bool nginx = GetParam() == "nginx";
    const std::string program = FindProgram(GetParam());
    if (program.empty()) GTEST_SKIP() << "needs " << GetParam();
    if (!nginx && !std::filesystem::exists("/usr/lib/lighttpd/mod_openssl.so"))
      GTEST_SKIP() << "needs lighttpd-mod-openssl";
    char name[] = "/tmp/iiifbench-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    const auto own = MakeCertificate(folder_);
    if (!own) GTEST_SKIP() << own.error().message;
    certificate_ = own->certificate;
    auto corpus = EnsureCorpus(Corpus());
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    auto server = ReferenceServer::Start({.folder = corpus->image_folder});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    const auto port = FreePort();
    ASSERT_TRUE(port.ok());
    root_ = fmt::format("https://127.0.0.1:{}/iiif/2/", *port);
    image_ = root_ + corpus->entries.at(0).file;
    const std::string conf =
        fmt::format(fmt::runtime(nginx ? kNginx : kLighttpd), fmt::arg("port", *port),
                    fmt::arg("folder", folder_), fmt::arg("certificate", own->certificate),
                    fmt::arg("key", own->key), fmt::arg("behind", server_->port()));
    ASSERT_TRUE(WriteFileAndFolder(folder_ + "/conf", conf).ok());
    ::setenv("IIIFBENCH_CA_FILE", certificate_.c_str(), 1);
    const std::vector<std::string> options =
        nginx ? std::vector<std::string>{"-p", folder_, "-c", folder_ + "/conf"}
              : std::vector<std::string>{"-D", "-f", folder_ + "/conf"};
    SpawnPlan plan{.title = GetParam(),
                   .argv = {program},
                   .image_url = root_,
                   .ready_url = image_ + "/info.json",
                   .output = folder_ + "/out",
                   .log = folder_ + "/out"};
    plan.argv.insert(plan.argv.end(), options.begin(), options.end());
    auto front = Spawn(plan);
    ASSERT_TRUE(front.ok()) << front.error().message;
    front_ = std::move(*front);
  }
  void TearDown() override {
    ::unsetenv("IIIFBENCH_CA_FILE");
    front_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  CorpusOptions Corpus() const {
    return {
        .folder = folder_ + "/corpus", .small = true, .recipes = {"jpeg_q90"}, .pages = {"map"}};
  }
  LoadRun Ask(const std::string& ca_file) const {
    const std::string path = "0,0,256,256/128,/0/default.jpg";
    return Generate({.next = [url = image_ + "/" + path, path,
                              left = 100]() mutable -> std::optional<LoadRequest> {
                       if (left-- <= 0) return {};
                       return LoadRequest{.url = url, .request_class = "tile", .path = path};
                     },
                     .clients = 4,
                     .duration = 20s,
                     .policy = ConnectionPolicy::kHttp2,
                     .ca_file = ca_file});
  }
  std::string folder_, root_, image_, certificate_;
  std::unique_ptr<ReferenceServer> server_;
  std::unique_ptr<RunningServer> front_;
};

TEST_P(Http2TlsTest, LoadSpeaksItByAlpnAndItsClientsShareAConnection) {
  const LoadRun run = Ask(certificate_);
  ASSERT_EQ(run.samples.size(), 100U);
  EXPECT_EQ(run.http_version, "2");
  EXPECT_EQ(run.failures, std::vector<std::string>());
  EXPECT_TRUE(std::ranges::any_of(run.samples, [](const LoadSample& s) { return s.tls > 0ns; }));
  EXPECT_LT(std::ranges::count_if(run.samples, [](const LoadSample& s) { return !s.reused; }), 4);
  EXPECT_THAT(IdsOf(Summarise(run, ConnectionPolicy::kHttp2).not_reportable),
              Not(Contains("protocol-not-spoken")));
}

TEST_P(Http2TlsTest, ACertificateThatNobodyVouchesForIsRefused) {
  const LoadRun run = Ask("");
  EXPECT_THAT(run.failures, Contains(HasSubstr("certificate")));
  EXPECT_THAT(run.samples,
              ::testing::Each(::testing::Field(&LoadSample::failure, ::testing::Ge(0))));
}

TEST_P(Http2TlsTest, AStudyMeasuresThroughIt) {
  ::setenv("IIIFBENCH_URL", root_.c_str(), 1);
  const auto study = RunStudy({.corpus = Corpus(),
                               .servers = {"url"},
                               .rounds = 2,
                               .run_folder = folder_ + "/run",
                               .samples_file = folder_ + "/samples.jsonl",
                               .command = "study"});
  ::unsetenv("IIIFBENCH_URL");
  ASSERT_TRUE(study.ok()) << study.error().message;
  ASSERT_FALSE(study->cells.empty());
  for (const StudyCell& cell : study->cells)
    EXPECT_EQ(cell.total_ms.size(), 2U) << cell.request_class << ": " << Words(cell.state);
}

INSTANTIATE_TEST_SUITE_P(Fronts, Http2TlsTest, ::testing::Values("lighttpd", "nginx"),
                         [](const auto& front) { return front.param; });

}  // namespace
}  // namespace iiifbench
