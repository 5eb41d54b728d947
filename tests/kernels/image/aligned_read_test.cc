#include "kernels/image/aligned_read.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(AlignedReadTest, AddressAndOffsetAgreeModulo64AndTheRoomLiesInTheBuffer) {
  std::vector<uint8_t> buffer;
  for (int64_t offset = 0; offset < 200; ++offset) {
    const size_t bytes = 1000 + static_cast<size_t>(offset) * 37 % 501;
    const auto room = AlignedRead(buffer, offset, bytes);
    ASSERT_EQ(room.size(), bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(room.data()) % 64, static_cast<uintptr_t>(offset) % 64);
    EXPECT_GE(room.data(), buffer.data());
    EXPECT_LE(room.data() + room.size(), buffer.data() + buffer.size());
  }
}

TEST(AlignedReadTest, TheBufferOnlyGrows) {
  std::vector<uint8_t> buffer;
  AlignedRead(buffer, 5, 5000);
  const uint8_t* place = buffer.data();
  EXPECT_EQ(AlignedRead(buffer, 77, 100).size(), 100u);
  EXPECT_EQ(buffer.data(), place);
}

}  // namespace
}  // namespace iiifbench
