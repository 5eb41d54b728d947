// A folder with a page, and reference servers over it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/servers/reference/reference_server.h"
#include "tests/harness/servers/reference/raw_client.h"
#include "tests/harness/servers/test_folder.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {

constexpr const char* kTile = "/iiif/2/page.jpg/0,0,128,128/64,/0/default.jpg";

class ServedFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    Write("page.jpg", Encoded(*FindCodec("jpeg"), TestPicture({640, 480}, 3), {}));
  }
  void Write(const std::string& name, const std::vector<uint8_t>& bytes) const {
    std::ofstream(folder_.path / name)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  void Serve(ReferenceOptions options = {}) {
    options.folder = folder_.path;
    auto server = ReferenceServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  int port() const { return server_->port(); }

  TestFolder folder_;
  std::unique_ptr<ReferenceServer> server_;
};

}  // namespace iiifbench
