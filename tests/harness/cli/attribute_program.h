// iiifbench attribute run as a program against a server of ours.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "data/corpus.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {

inline std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

class AttributeProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto corpus =
        EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map", "newspaper"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    for (const auto& entry : corpus->entries) (entry.page == "map" ? map_ : other_) = entry.path;
    ReferenceOptions reference;
    reference.folder = corpus->image_folder;
    auto server = ReferenceServer::Start(reference);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    root_ = fmt::format("http://127.0.0.1:{}/iiif/2/", server_->port());
    folder_ = std::filesystem::path(::testing::TempDir()) /
              fmt::format("attribute_errors_{}", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    if (server_) server_->Stop();
    std::filesystem::remove_all(folder_);
  }
  // Runs it to its end; `at_signatures` is called once they were taken. Returns how it ended.
  std::string Run(const std::string& url, const std::string& source, double budget,
                  const std::function<void(int id)>& at_signatures = {}) {
    const std::string log = folder_ / "log";
    std::vector<std::string> arguments = {IIIFBENCH_PROGRAM, "attribute",
                                          "--verbose",       url,
                                          "--source",        source,
                                          "--budget",        fmt::format("{}", budget),
                                          "--json",          (folder_ / "out.json").string()};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    auto process = Process::Start(arguments, {}, log);
    if (!process) return process.error().message;
    bool called = false;
    const auto start = std::chrono::steady_clock::now();
    while ((*process)->Ended().empty()) {
      if (std::chrono::steady_clock::now() - start > std::chrono::seconds(60))
        return "does not end";
      if (at_signatures && !called && TextOf(log).find("signatures:") != std::string::npos) {
        called = true;
        at_signatures((*process)->id());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    said_ = TextOf(log);
    return (*process)->Ended();
  }
  nlohmann::json Kept() const {
    return nlohmann::json::parse(TextOf(folder_ / "out.json"), nullptr, false);
  }

  std::string map_, other_, root_, said_;
  std::vector<std::string> more_;  // arguments
  std::filesystem::path folder_;
  std::unique_ptr<ReferenceServer> server_;
};

}  // namespace iiifbench
