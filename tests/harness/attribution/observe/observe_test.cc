// A server that rounds calculated sides otherwise than we do answers rightly; one that is two
// pixels off does not.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "data/corpus.h"
#include "harness/attribution/observe/observe.h"
#include "harness/http/client.h"
#include "harness/servers/reference/reference_server.h"

// After Eigen, whose parameters have a name that this makes a macro of.
#include <httplib.h>

namespace iiifbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// In front of the reference server: a "w," whose height is no whole number is made with the other
// of floor and ceiling, or `off` pixels higher.
class RoundingFront {
 public:
  RoundingFront(int port, Size image, int off) {
    server_.Get(R"(/iiif/2/([^/]+)/(.*))", [=](const httplib::Request& in, httplib::Response& out) {
      std::string path = in.matches[2];
      auto request = ParseImageRequest("id/" + path, ApiVersion::k2);
      if (request && request->size.kind == SizeParameter::Kind::kWidth) {
        const auto ours = ResolveRequest(*request, image);
        if (ours) {
          const double exact =
              static_cast<double>(ours->region.height) * ours->size.width / ours->region.width;
          const int down = static_cast<int>(std::floor(exact)),
                    up = static_cast<int>(std::ceil(exact));
          const int height = off != 0                    ? ours->size.height + off
                             : ours->size.height == down ? up
                                                         : down;
          const Region& r = ours->region;
          if (height > 0)
            path = fmt::format("{},{},{},{}/{},{}/0/default.jpg", r.x, r.y, r.width, r.height,
                               ours->size.width, height);
        }
      }
      Client client;
      const Exchange made = client.Get(
          fmt::format("http://127.0.0.1:{}/iiif/2/{}/{}", port, in.matches[1].str(), path));
      out.status = static_cast<int>(made.status);
      out.set_content(std::string(made.body.begin(), made.body.end()), "image/jpeg");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~RoundingFront() {
    server_.stop();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(RoundingTest, SizesAreThoseThatTheStandardAllows) {
  auto corpus = EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map"}});
  ASSERT_TRUE(corpus.ok()) << corpus.error().message;
  const std::string file = corpus->entries.front().path;
  auto source = Source::Open(file);
  ASSERT_TRUE(source.ok());
  const auto info = FindCodec("jpeg")->probe(**source);
  ASSERT_TRUE(info.ok());
  ReferenceOptions reference;
  reference.folder = corpus->image_folder;
  auto server = ReferenceServer::Start(reference);
  ASSERT_TRUE(server.ok()) << server.error().message;
  // 333 x 500 at 100 wide: 150.15 high.
  const std::string uneven = "10,10,333,500/100,/0/default.jpg";
  for (const int off : {0, 2}) {
    RoundingFront front((*server)->port(), info->size, off);
    auto observed = Observe({.url = fmt::format("http://127.0.0.1:{}/iiif/2/{}", front.port(),
                                                std::filesystem::path(file).filename().string()),
                             .source = file,
                             .requests = {uneven},
                             .budget = std::chrono::seconds(2)});
    ASSERT_TRUE(observed.ok()) << observed.error().message;
    const auto kept =
        std::ranges::find_if(observed->cases, [&](const Case& c) { return c.held_out; });
    if (off != 0) {
      EXPECT_TRUE(kept == observed->cases.end());
      ASSERT_THAT(IdsOf(observed->refusals), ElementsAre("request-answered-wrongly"));
      EXPECT_TRUE(observed->refusals.front().text.starts_with(uneven));
      continue;
    }
    EXPECT_EQ(observed->wrong_answers, 0)
        << fmt::format("{}", fmt::join(TextsOf(observed->findings), "; "));
    ASSERT_TRUE(kept != observed->cases.end());
    // Kernels work for the size that came.
    EXPECT_EQ(kept->answer.size, (Size{100, 151}));
    EXPECT_EQ(MakeRenderPlan(*kept->info, kept->request)->output, (Size{100, 151}));
    EXPECT_THAT(IdsOf(observed->findings), Contains("size-rounded-otherwise"));
  }
  (*server)->Stop();
}

}  // namespace
}  // namespace iiifbench
