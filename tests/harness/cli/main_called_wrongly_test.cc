// iiifbench called wrongly: every message names the command, what is wrong and what to do, on
// stderr, and the status is 2 for the command line and 1 for what it names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

struct Wrong {
  std::string arguments;  // DIR is an empty folder, EMPTY an empty file, NONE nothing that exists
  int status;
  std::vector<std::string> says;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << "iiifbench " << wrong.arguments; }

class CalledWronglyTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(CalledWronglyTest, SaysWhatWhereAndWhatToDo) {
  char name[] = "/tmp/iiifbench-test-XXXXXX";
  const fs::path folder = ::mkdtemp(name);
  fs::create_directories(folder / "DIR");
  std::ofstream(folder / "EMPTY").close();
  const std::string command = fmt::format("cd '{}' && '{}' {} 2>said >/dev/null </dev/null",
                                          folder.string(), IIIFBENCH_PROGRAM, GetParam().arguments);
  const int status = std::system(command.c_str());
  std::stringstream said;
  said << std::ifstream(folder / "said").rdbuf();
  fs::remove_all(folder);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), GetParam().status) << said.str();
  EXPECT_TRUE(said.str().starts_with("iiifbench")) << said.str();
  for (const auto& part : GetParam().says) EXPECT_THAT(said.str(), ::testing::HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Every, CalledWronglyTest,
    ::testing::Values(
        Wrong{"", 2, {"iiifbench --help"}},
        Wrong{"bogus", 2, {"'bogus' is unknown", "study", "serve"}},
        Wrong{"study --bogus",
              2,
              {"iiifbench study: '--bogus' is unknown", "`iiifbench study --help`"}},
        Wrong{"page --bogus", 2, {"'--bogus' is unknown"}},
        Wrong{"page", 2, {"RUN_FOLDER is required"}},
        Wrong{"page NONE", 1, {"NONE", "give the folder of a run"}},
        Wrong{"page EMPTY", 1, {"EMPTY", "Not a directory"}},
        Wrong{"page DIR", 1, {"study.json", "iiifbench study"}},
        Wrong{"profile NONE", 2, {"--out is required"}},
        Wrong{"profile NONE --out O", 1, {"NONE", "no such list or folder"}},
        Wrong{"profile DIR --out O --shard 8/8", 2, {"--shard 8/8", "0 to n - 1"}},
        Wrong{"profile DIR --out O --view tile", 2, {"--view tile", "name=count"}},
        Wrong{"profile DIR --out O --resume", 1, {"no profile to resume"}},
        Wrong{"profile DIR --out O --try-recipes none", 2, {"none", "no such recipe"}},
        Wrong{"merge DIR --out O", 1, {"DIR/run.json", "was it killed?"}},
        Wrong{"plan --out O", 1, {"no image", "--url"}},
        Wrong{"load --plan NONE --shard 0/2 --out O", 1, {"NONE", "no such plan"}},
        Wrong{"load --plan EMPTY --shard 0/2 --out O", 1, {"EMPTY", "not a plan"}},
        Wrong{"load --plan EMPTY --shard 0/2 --out O --rate 3", 2, {"--rate", "iiifbench plan"}},
        Wrong{"load --shard 0/2", 2, {"--plan"}}, Wrong{"compare", 2, {"give two results"}},
        Wrong{"compare EMPTY EMPTY", 1, {"EMPTY", "0 bytes"}},
        Wrong{"compare DIR DIR", 1, {"DIR/study.json"}},
        Wrong{"compare --false-alarms 2 --json NONE/x", 1, {"NONE", "is no folder"}},
        Wrong{"calibrate --json DIR", 1, {"DIR", "it is a folder"}},
        Wrong{"attribute", 2, {"--source FILE"}},
        Wrong{"attribute http://127.0.0.1:1/a http://127.0.0.1:1/b --source EMPTY",
              2,
              {"2 URLs and 1 files of --source"}},
        Wrong{"attribute http://127.0.0.1:1/a http://127.0.0.1:2/b",
              2,
              {"http://127.0.0.1:2/b", "pictures of one server"}},
        Wrong{"attribute http://127.0.0.1:1/a http://127.0.0.1:1/b --place DIR",
              2,
              {"--place and more than one URL"}},
        Wrong{"attribute --manifest NONE", 1, {"--manifest NONE", "cannot be read"}},
        Wrong{"attribute --manifest DIR", 1, {"--manifest DIR", "cannot be read"}},
        Wrong{"attribute --manifest EMPTY", 1, {"--manifest EMPTY", "no JSON"}},
        Wrong{"attribute --manifest http://127.0.0.1:1/m", 1, {"http://127.0.0.1:1/m"}},
        Wrong{"attribute --manifest EMPTY --server reference", 2, {"--manifest goes with"}},
        Wrong{"attribute --server bogus", 1, {"'bogus'", "there are reference"}},
        Wrong{"attribute --server reference --json NONE/x", 1, {"NONE", "is no folder"}},
        Wrong{"attribute --server reference --requests EMPTY", 1, {"EMPTY", "no request"}},
        Wrong{"load", 2, {"--url"}},
        Wrong{"load --server bogus", 1, {"'bogus'", "there are reference"}},
        Wrong{"load --show-workload bogus", 2, {"bogus", "founding"}},
        Wrong{"load --server reference --small --workload EMPTY", 1, {"EMPTY", "none of 0 lines"}},
        Wrong{"study --servers bogus", 1, {"'bogus'", "there are reference"}},
        Wrong{"study --small --recipes bogus --out DIR", 1, {"'bogus'", "there are jpeg_q90"}},
        Wrong{"study --small --pages bogus --out DIR", 1, {"'bogus'", "there are print"}},
        Wrong{"study --small --resume NONE", 1, {"NONE/samples.jsonl", "give --resume the folder"}},
        Wrong{"study --render DIR", 1, {"DIR/study.json"}},
        Wrong{"index NONE", 1, {"NONE", "No such file"}}, Wrong{"index EMPTY", 1, {"EMPTY"}},
        Wrong{"index --verify DIR", 1, {"no file is in there"}},
        Wrong{"serve NONE", 1, {"NONE", "not a folder"}},
        Wrong{"serve DIR --port 99999", 2, {"--port"}}));

}  // namespace
}  // namespace iiifbench
