// A study whose server misbehaves: what is said, what is kept, and that credentials stay out of
// results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/report/study/study_report.h"
#include "harness/servers/launch/process.h"
#include "harness/study/study.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class StudyFailuresTest : public ::testing::Test {
 protected:
  StudyFailuresTest()
      : folder_(fs::path(::testing::TempDir()) / fmt::format("failures_{}", ::getpid())) {
    fs::create_directories(folder_);
  }
  ~StudyFailuresTest() override { fs::remove_all(folder_); }
  StudyOptions Options(const std::string& server) const {
    return {.corpus = {.folder = folder_ / "corpus",
                       .small = true,
                       .recipes = {"jpeg_q90"},
                       .pages = {"map"}},
            .servers = {server},
            .rounds = 3,
            .run_folder = folder_ / "run",
            .samples_file = folder_ / "samples.jsonl",
            .command = "study"};
  }
  std::string Samples() const {
    std::ifstream in(folder_ / "samples.jsonl");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  const fs::path folder_;
};

TEST_F(StudyFailuresTest, AKilledServerIsNamedAndItsSamplesAreKept) {
  if (auto found = FindServer("static")->find(); !found) GTEST_SKIP() << found.error().message;
  StudyOptions options = Options("static");
  options.progress = [](const std::string& line) {
    if (line.find("round 1/3") == std::string::npos) return;
    for (int id : ProcessTree(::getpid())) {
      std::ifstream in(fmt::format("/proc/{}/comm", id));
      std::string name;
      std::getline(in, name);
      if (id != ::getpid() && name == "lighttpd") ::kill(id, SIGKILL);
    }
  };
  const auto study = RunStudy(options);
  ASSERT_TRUE(study.ok()) << study.error().message;
  int kept = 0, named = 0;
  for (const StudyCell& cell : study->cells) {
    kept += static_cast<int>(cell.total_ms.size());
    named += cell.state.status == CellStatus::kServerGone &&
                     cell.state.reason.find("signal 9") != std::string::npos
                 ? 1
                 : 0;
  }
  EXPECT_GE(kept, 3) << "the first round of info, level and tile";
  EXPECT_GE(named, 1);
  EXPECT_THAT(IdsOf(study->not_reportable), Contains("server-ended"));
  EXPECT_EQ(study->died.size(), 1u);
  // A status of several lines (the server's last words) stays one row of the table.
  const std::string table = StudyToMarkdown(StudyToJson(*study, "iiifbench study"));
  EXPECT_THAT(table, Not(HasSubstr("ended with signal 9 (Killed); its last lines:\n")));
  EXPECT_THAT(Samples(), HasSubstr("\"sample\""));
}

TEST_F(StudyFailuresTest, HtmlWith200IsNoPictureAndCredentialsStayOutOfResults) {
  httplib::Server server;
  std::mutex mutex;
  std::string sent;
  server.Get(".*", [&](const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex);
    sent = request.get_header_value("Authorization");
    response.set_content("<html>please log in</html>", "text/html");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  ::setenv("IIIFBENCH_URL", fmt::format("http://127.0.0.1:{}/iiif/2/", port).c_str(), 1);
  ::setenv("IIIFBENCH_HEADERS", "Authorization: Bearer hush-7f3a\n", 1);
  const auto study = RunStudy(Options("url"));
  ::unsetenv("IIIFBENCH_URL");
  ::unsetenv("IIIFBENCH_HEADERS");
  server.stop();
  thread.join();
  ASSERT_TRUE(study.ok()) << study.error().message;
  EXPECT_EQ(sent, "Bearer hush-7f3a");
  for (const StudyCell& cell : study->cells) {
    EXPECT_TRUE(cell.total_ms.empty()) << cell.request_class;
    if (cell.request_class == "tile") {
      EXPECT_EQ(cell.state.status, CellStatus::kWrongAnswer);
      EXPECT_THAT(cell.state.reason, HasSubstr("text/html that is no picture"));
    }
  }
  const auto json = StudyToJson(*study, "study");
  EXPECT_THAT(json.dump(), Not(HasSubstr("hush")));
  EXPECT_THAT(StudyToMarkdown(json), Not(HasSubstr("hush")));
  EXPECT_THAT(Samples(), Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace iiifbench
