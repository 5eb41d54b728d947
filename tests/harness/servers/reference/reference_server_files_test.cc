// Which files may be read, by which names, and what errors may say of them.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>

#include "tests/harness/servers/reference/served_folder.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// The folder that is served lies in another, which holds what must not be read.
class FilesTest : public ServedFolder {
 protected:
  void SetUp() override {
    ServedFolder::SetUp();
    served_ = folder_.path / "images";
    fs::create_directory(served_);
    fs::create_directory(served_ / "below.jpg");
    fs::rename(folder_.path / "page.jpg", served_ / "page.jpg");
    fs::copy_file(served_ / "page.jpg", served_ / "below.jpg" / "deep.jpg");
    fs::copy_file(served_ / "page.jpg", served_ / ".hidden.jpg");
    fs::copy_file(served_ / "page.jpg", folder_.path / "secret.jpg");
    fs::copy_file(served_ / "page.jpg", folder_.path / "images-secret.jpg");
    auto server = ReferenceServer::Start({.folder = served_});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  // Of info.json and of a picture, over both versions.
  void ExpectRefused(const std::string& identifier) {
    for (const std::string& path :
         {"/iiif/2/" + identifier + "/info.json", "/iiif/3/" + identifier + "/info.json",
          "/iiif/2/" + identifier + "/full/max/0/default.jpg",
          "/iiif/3/" + identifier + "/full/max/0/default.jpg"}) {
      const auto answer = Ask(port(), path);
      EXPECT_TRUE(answer.status == 400 || answer.status == 404 || answer.status == 303)
          << path << ": " << answer.status << " " << answer.body;
      EXPECT_NE(answer.Field("Content-Type"), "image/jpeg") << path;
      EXPECT_EQ((answer.head + answer.body).find(folder_.path.string()), std::string::npos) << path;
    }
  }
  fs::path served_;
};

TEST_F(FilesTest, NoSpellingLeadsOutOfTheFolder) {
  for (const char* identifier : {"../secret.jpg",
                                 "..%2Fsecret.jpg",
                                 "..%2fsecret.jpg",
                                 "%2e%2e%2fsecret.jpg",
                                 "%2E%2E/secret.jpg",
                                 "%2e%2e%5csecret.jpg",
                                 "..\\secret.jpg",
                                 "..%5Csecret.jpg",
                                 "%252e%252e%252fsecret.jpg",
                                 "..%252fsecret.jpg",
                                 "..%c0%afsecret.jpg",
                                 "..%ef%bc%8fsecret.jpg",
                                 "page.jpg%2F..%2F..%2Fsecret.jpg",
                                 "below.jpg%2Fdeep.jpg",
                                 "below.jpg/deep.jpg",
                                 "%2Fetc%2Fpasswd",
                                 "//etc/passwd",
                                 ".%2Fpage.jpg",
                                 "page.jpg%00",
                                 "page.jpg%00.png",
                                 "%00",
                                 ".hidden.jpg",
                                 "%2ehidden.jpg",
                                 ".",
                                 "..",
                                 "%2e",
                                 "%2e%2e",
                                 "",
                                 "page.jpg%0d%0aX-Injected:%201",
                                 "page.jpg%0A",
                                 "..%2fimages-secret.jpg",
                                 "page.jpg%2F",
                                 "%",
                                 "%2",
                                 "%zz"})
    ExpectRefused(identifier);
  ExpectRefused(std::string(300, 'a'));
}

TEST_F(FilesTest, LinksOutOfTheFolderAreRefusedAndThoseInsideServed) {
  fs::create_symlink("../secret.jpg", served_ / "relative.jpg");
  fs::create_symlink(folder_.path / "secret.jpg", served_ / "absolute.jpg");
  fs::create_symlink(folder_.path / "images-secret.jpg", served_ / "sibling.jpg");
  fs::create_symlink("relative.jpg", served_ / "twice.jpg");
  fs::create_symlink("loop.jpg", served_ / "loop.jpg");
  fs::create_symlink("/proc/self/fd/0", served_ / "magic.jpg");
  fs::create_symlink("page.jpg", served_ / "inside.jpg");
  for (const char* name :
       {"relative.jpg", "absolute.jpg", "sibling.jpg", "twice.jpg", "loop.jpg", "magic.jpg"})
    ExpectRefused(name);
  EXPECT_EQ(Ask(port(), "/iiif/2/inside.jpg/full/max/0/default.jpg").status, 200);
}

TEST_F(FilesTest, ALinkedFolderIsServed) {
  fs::create_directory_symlink("images", folder_.path / "linked");
  auto linked = ReferenceServer::Start({.folder = folder_.path / "linked"});
  ASSERT_TRUE(linked.ok());
  EXPECT_EQ(Ask((*linked)->port(), kTile).status, 200);
}

TEST_F(FilesTest, WhatIsNoRegularFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((served_ / "fifo.jpg").c_str(), 0600), 0);
  fs::create_symlink("fifo.jpg", served_ / "to-fifo.jpg");
  fs::create_symlink("/dev/zero", served_ / "zero.jpg");
  fs::create_symlink("/dev/tty", served_ / "terminal.jpg");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = served_ / "socket.jpg";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  // Beside a picture too: its index is asked for with every request.
  ASSERT_EQ(::mkfifo((served_ / "page.jpg.mcuindex").c_str(), 0600), 0);
  const auto start = std::chrono::steady_clock::now();
  for (const char* name : {"fifo.jpg", "to-fifo.jpg", "zero.jpg", "terminal.jpg", "socket.jpg",
                           "below.jpg", "page.jpg.mcuindex"})
    ExpectRefused(name);
  EXPECT_EQ(Ask(port(), kTile).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  server_->Stop();
  EXPECT_TRUE(server_->StoppedWithin(std::chrono::seconds(1)));
  ::close(listener);
}

TEST_F(FilesTest, ErrorsNameTheIdentifierAndNoPathOfTheDisk) {
  std::vector<std::string> names;
  for (const char* recipe : {"jpeg_q90", "jp2_lossless", "tiff_deflate"}) {
    const Codec* codec = nullptr;
    const Recipe* r = FindRecipe(recipe, &codec);
    const auto bytes = Encoded(*codec, TestPicture({300, 200}, 3), r->options);
    // The header alone, half of the file, and bytes exchanged at several places.
    for (const size_t kept : {bytes.size() / 20, bytes.size() / 2, bytes.size()}) {
      auto damaged = bytes;
      damaged.resize(kept);
      for (size_t at = 40; kept == bytes.size() && at < kept; at += 97) damaged[at] ^= 0xFF;
      names.push_back("damaged" + std::to_string(kept) + "." + std::string(r->extension));
      std::ofstream(served_ / names.back())
          .write(reinterpret_cast<const char*>(damaged.data()), static_cast<std::streamsize>(kept));
    }
  }
  std::ofstream(served_ / "words.jpg") << "not a picture";
  std::ofstream(served_ / "empty.tif");
  names.insert(names.end(), {"words.jpg", "empty.tif"});
  int refused = 0;
  for (const auto& name : names) {
    for (const char* rest : {"/info.json", "/full/max/0/default.jpg", "/5,5,9,9/3,/0/gray.png"}) {
      const auto answer = Ask(port(), "/iiif/2/" + name + rest);
      ASSERT_NE(answer.status, 0) << name;
      if (answer.status == 200) continue;
      ++refused;
      EXPECT_NE(answer.body.find(name), std::string::npos) << answer.body;
      EXPECT_EQ(answer.body.find(folder_.path.string()), std::string::npos) << answer.body;
      EXPECT_EQ(answer.body.find("/tmp"), std::string::npos) << answer.body;
    }
  }
  EXPECT_GT(refused, 10);
}

TEST_F(FilesTest, ErrorsQuoteTheRequestAsPlainText) {
  const auto answer = Ask(port(), "/iiif/2/%1B[31m%FFx/info.json");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Field("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.Field("X-Content-Type-Options"), "nosniff");
  EXPECT_NE(answer.body.find("\\x1B[31m\\xFFx"), std::string::npos) << answer.body;
  EXPECT_EQ(Ask(port(), "/iiif/2/\xFF\xFE/info.json").status, 404);
}

TEST_F(FilesTest, NamesThatNeedEscapesWorkInInfo) {
  for (const auto& [name, spelled] : {std::pair{"a b.jpg", "a%20b.jpg"},
                                      {"%41.jpg", "%2541.jpg"},
                                      {"caf\xC3\xA9.jpg", "caf%C3%A9.jpg"}}) {
    fs::copy_file(served_ / "page.jpg", served_ / name);
    const auto answer = Ask(port(), std::string("/iiif/2/") + spelled + "/info.json");
    EXPECT_EQ(answer.status, 200) << name;
    EXPECT_NE(answer.body.find(std::string("http://test/iiif/2/") + spelled + "\""),
              std::string::npos)
        << answer.body;
  }
  // Bytes that belong escaped, unescaped: answered, and escaped in the JSON.
  fs::copy_file(served_ / "page.jpg", served_ / "\xFF.jpg");
  const auto raw = Ask(port(), "/iiif/2/\xFF.jpg/info.json");
  EXPECT_EQ(raw.status, 200);
  EXPECT_NE(raw.body.find("/iiif/2/%FF.jpg\""), std::string::npos) << raw.body;
}

}  // namespace
}  // namespace iiifbench
