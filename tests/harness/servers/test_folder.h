// A folder of one test's own, which goes with it.
#pragma once

#include <stdlib.h>

#include <filesystem>

namespace iiifbench {

struct TestFolder {
  std::filesystem::path path;
  TestFolder() {
    char name[] = "/tmp/iiifbench-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TestFolder() { std::filesystem::remove_all(path); }
};

}  // namespace iiifbench
