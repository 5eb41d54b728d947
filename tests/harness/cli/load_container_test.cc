// A server from its published image: with an engine that is a script, which records what it was
// asked for and runs `iiifbench serve` where the image would listen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "data/corpus.h"
#include "harness/http/client.h"
#include "harness/servers/launch/launch.h"
#include "harness/servers/launch/process.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// The server leads its own session, as a container does: it does not end with `ENGINE run`.
constexpr std::string_view kEngine = R"sh(#!/bin/sh
echo "$@" >> {folder}/calls
case "$1" in
image)
  [ -f {folder}/image ] || {{ echo "[]"; exit 1; }}
  echo '[{{"Id": "sha256:feed", "RepoDigests": ["thing@sha256:beef"],'
  echo ' "Config": {{"Labels": {{"org.opencontainers.image.version": "5.0.7"}}}}}}]' ;;
pull)
  [ -f {folder}/no-network ] && {{ echo "no route to the registry"; exit 1; }}
  touch {folder}/image ;;
run)
  while [ $# -gt 0 ]; do
    case "$1" in
      --cidfile) echo c0ffee > "$2" ;;
      --publish) publish=${{2#127.0.0.1:}} ;;
      --volume) volume=$2 ;;
    esac
    shift
  done
  [ -f {folder}/dies ] && {{ echo "cannot allocate the heap"; exit 3; }}
  setsid {program} serve "${{volume%%:*}}" --port "${{publish%:*}}" &
  echo $! > {folder}/server
  wait ;;
stop)
  [ "$4" = c0ffee ] && kill "$(cat {folder}/server)" ;;
esac
)sh";

class ContainerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/iiifbench-container-XXXXXX";
    folder_ = ::mkdtemp(name);
    auto corpus = EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    images_ = corpus->image_folder;
    file_ = corpus->entries.at(0).file;
    fs::create_directories(folder_ / "bin");
    std::ofstream(folder_ / "bin/docker")
        << fmt::format(fmt::runtime(kEngine), fmt::arg("folder", folder_.string()),
                       fmt::arg("program", IIIFBENCH_PROGRAM));
    fs::permissions(folder_ / "bin/docker", fs::perms::owner_all);
    ::unsetenv("CANTALOUPE_JAR");
    path_ = EnvironmentOr("PATH", "");
    ::setenv("PATH", ((folder_ / "bin").string() + ":" + path_).c_str(), 1);
  }
  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    if (const int id = ServerId(); id > 1) ::kill(id, SIGKILL);
    fs::remove_all(folder_);
  }
  Result<std::unique_ptr<RunningServer>> Start(const std::string& engine) const {
    return Launch(
        *FindServer("cantaloupe"),
        {.image_folder = images_, .run_folder = folder_ / "run", .options = {}, .engine = engine});
  }
  std::string Text(const std::string& file) const {
    std::ifstream in(folder_ / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // 0: it has ended, or there was none.
  int ServerId() const {
    const int id = std::atoi(Text("server").c_str());
    return id > 1 && ::kill(id, 0) == 0 ? id : 0;
  }
  bool ServerEnds() const {
    for (int i = 0; i < 1000 && ServerId() != 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return ServerId() == 0;
  }
  void Touch(const std::string& file) const { std::ofstream(folder_ / file) << "x"; }

  fs::path folder_;
  std::string images_, file_, path_;
};

TEST_F(ContainerTest, RunsTheImageOnLoopbackOverReadOnlySourcesAndStopsItById) {
  auto server = Start("docker");
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(Client().Get((*server)->ImageUrl(file_) + "/info.json").status, 200);
  EXPECT_EQ((*server)->installation.version, "5.0.7, image thing@sha256:beef");
  EXPECT_EQ((*server)->intended.at("processor for jpg"), "Java2dProcessor");
  EXPECT_TRUE((*server)->Check().ok());
  const std::string calls = Text("calls");
  EXPECT_THAT(calls, HasSubstr("pull uclalibrary/cantaloupe\n"));
  EXPECT_THAT(
      calls, ::testing::ContainsRegex("run --rm --cidfile [^ ]+ --publish 127.0.0.1:[0-9]+:8182 "));
  EXPECT_THAT(calls, HasSubstr("--volume " + images_ + ":/imageroot:ro "));
  EXPECT_THAT(calls, HasSubstr("--env CANTALOUPE_PROCESSOR_JPG_QUALITY=90 "));
  ASSERT_NE(ServerId(), 0);
  server->reset();
  EXPECT_THAT(Text("calls"), HasSubstr("stop -t 2 c0ffee\n"));
  EXPECT_TRUE(ServerEnds());
  // The image is there now.
  auto again = Start("docker");
  ASSERT_TRUE(again.ok()) << again.error().message;
  const std::string all = Text("calls");
  EXPECT_EQ(all.find("pull "), all.rfind("pull "));
}

TEST_F(ContainerTest, DyingAtStartShowsItsLastLinesAndTheCommand) {
  Touch("image");
  Touch("dies");
  auto server = Start("docker");
  ASSERT_FALSE(server.ok());
  const std::string& message = server.error().message;
  EXPECT_THAT(message, HasSubstr("Cantaloupe (Java2d) in docker did not start"));
  EXPECT_THAT(message, HasSubstr("exit status 3"));
  EXPECT_THAT(message, HasSubstr("cannot allocate the heap"));
  EXPECT_THAT(message, HasSubstr("Try it by hand: "));
  EXPECT_THAT(Text("calls"), HasSubstr("rm -f c0ffee\n"))
      << "its id is asked to go, whatever became of it";
}

TEST_F(ContainerTest, APullThatFailsAndAMissingEngineSayWhatToDo) {
  Touch("no-network");
  auto unpulled = Start("docker");
  ASSERT_FALSE(unpulled.ok());
  EXPECT_THAT(unpulled.error().message,
              ::testing::StartsWith("`docker pull uclalibrary/cantaloupe`: exit status 1"));
  EXPECT_THAT(unpulled.error().message, HasSubstr("no route to the registry"));
  EXPECT_THAT(unpulled.error().message, HasSubstr("install Cantaloupe (Java2d) itself"));
  EXPECT_THAT(Text("calls"), Not(HasSubstr("run ")));
  ::setenv("PATH", (folder_ / "nothing").c_str(), 1);
  auto missing = Start("podman");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(missing.error().message,
              HasSubstr("--engine podman: no such program: apt-get install podman"));
}

TEST_F(ContainerTest, WithoutAnEngineTheLineOfAMissingServerNamesIt) {
  auto missing = Start("");
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message, HasSubstr("CANTALOUPE_JAR"));
  EXPECT_THAT(missing.error().message,
              HasSubstr("run the image uclalibrary/cantaloupe by --engine docker"));
}

TEST_F(ContainerTest, AStudyMeasuresItAndCtrlCStopsIt) {
  const std::string log = folder_ / "log", out = folder_ / "out";
  fs::create_directories(out);
  auto study =
      Process::Start({IIIFBENCH_PROGRAM, "study", "--servers", "cantaloupe", "--engine", "docker",
                      "--small", "--recipes", "jpeg_q90", "--rounds", "1000", "--out", out},
                     {}, log);
  ASSERT_TRUE(study.ok()) << study.error().message;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  bool asked = false;
  while ((*study)->Ended().empty() && std::chrono::steady_clock::now() < deadline) {
    // Some rounds are on the disk.
    const std::string samples = Text("out/samples.jsonl");
    if (!asked && std::ranges::count(samples, '\n') > 20) {
      ASSERT_NE(ServerId(), 0);
      asked = ::kill((*study)->id(), SIGINT) == 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ((*study)->Ended(), "exit status 130") << Text("log");
  EXPECT_THAT(Text("calls"), HasSubstr("stop -t 2 c0ffee\n"));
  EXPECT_TRUE(ServerEnds());
  const auto json = nlohmann::json::parse(Text("out/study.json"), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["servers"][0]["version"], "5.0.7, image thing@sha256:beef");
  EXPECT_THAT(json["command"].get<std::string>(), HasSubstr("--engine docker"));
  EXPECT_GE(json["cells"][1].value("n", 0), 1) << json["cells"][1];
}

}  // namespace
}  // namespace iiifbench
