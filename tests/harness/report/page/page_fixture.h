// A folder of results with one server, one file type and one request, and the page made of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/report/page/page.h"
#include "harness/report/page/run_files.h"
#include "kernels/image/stage.h"

namespace iiifbench {

inline constexpr char kHostile[] = "<script>alert('x')</script>\"&\x01";

inline nlohmann::json Cell(const std::string& server) {
  return {{"server", server},
          {"recipe", "jpeg_q90"},
          {"class", "tile"},
          {"page", "map"},
          {"path", "0,0,256,256/256,/0/default.jpg"},
          {"status", "measured"},
          {"n", 9},
          {"median_ms", 38.0},
          {"median_low_ms", 37.0},
          {"median_high_ms", 40.0},
          {"floor_ms", 20.0},
          {"ratio", 1.9},
          {"ratio_low", 1.8},
          {"ratio_high", 2.0},
          {"bytes", 19000},
          {"floor_stages", {{"decode", 17.0}, {"encode", 3.0}}},
          {"stages", nlohmann::json::object()},
          {"stage_source", ""}};
}

inline nlohmann::json StudyJson() {
  return {{"schema", 1},
          {"time", "2026-11-24T00:35:07Z"},
          {"commit", "abc"},
          {"command", "iiifbench study --rounds 9 --seed 1"},
          {"machine", {{"cpu", "Some CPU"}, {"cores", 2}}},
          {"libraries", {{"jpeg", "libjpeg-turbo 2.1.5"}}},
          {"reportable", true},
          {"not_reportable", nlohmann::json::array()},
          {"servers",
           {{{"name", "iipsrv"},
             {"title", "IIPSrv"},
             {"version", "1.1"},
             {"status", "measured"},
             {"effective", {{"workers", "1"}}}}}},
          {"cells", {Cell("iipsrv")}}};
}

inline nlohmann::json AttributionJson() {
  nlohmann::json stages, floor;
  for (const Stage stage : kStages) {
    stages[std::string(StageName(stage))] = {{"ms", 4.0}, {"low", 3.5}, {"high", 4.5}};
    floor[std::string(StageName(stage))] = 2.0;
  }
  return {{"schema", 1},
          {"commit", "abc"},
          {"command", "iiifbench attribute --server iipsrv"},
          {"machine", {{"cpu", "Some CPU"}}},
          {"server", {{"name", "iipsrv"}}},
          {"sentence", "p50 of a tile is 38 ms: 21 decode, 17 encode; 2 % unexplained."},
          {"findings", nlohmann::json::array()},
          {"refusals", {"the clock went backwards"}},
          {"requests",
           {{{"path", "0,0,256,256/256,/0/default.jpg"},
             {"measured_ms", 38.0},
             {"stages", stages},
             {"merged", nlohmann::json::array({nlohmann::json::array({"decode", "encode"})})},
             {"unexplained_ms", 6.0},
             {"methods", {{"floor", floor}, {"log", {{"decode", 12.25}, {"read", 12.25}}}}},
             {"pixels", {{"decoded", 24000000}, {"needed", 65536}, {"out", 65536}}}}}},
          {"strategy",
           {{"decode",
             {{"name", "full"}, {"identified", false}, {"runner_up", "rows"}, {"error", 0.02}}}}},
          {"what_ifs",
           {{{"path", "0,0,256,256/256,/0/default.jpg"},
             {"change", "store tiles"},
             {"saves_ms", 15.5},
             {"low", 14.0},
             {"high", 17.0},
             {"tried_saves_ms", 14.75}}}},
          {"disagreements", {"decode is 4.0 ms by probes, 12.2 ms by log"}}};
}

class PageTest : public ::testing::Test {
 protected:
  PageTest() { std::filesystem::create_directories(folder_); }
  ~PageTest() override { std::filesystem::remove_all(folder_); }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string Html() const {
    auto run = ReadRunFiles(folder_);
    return run ? PageToHtml(*run) : "error: " + run.error().message;
  }
  // From the section's start to its end.
  std::string SectionOf(const std::string& id) const {
    const std::string html = Html();
    const size_t begin = html.find("<section id=\"" + id + "\"");
    return begin == std::string::npos ? ""
                                      : html.substr(begin, html.find("</section>", begin) - begin);
  }
  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / fmt::format("page_test_{}", ::getpid());
};

}  // namespace iiifbench
