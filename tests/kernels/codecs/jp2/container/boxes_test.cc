// Boxes that nest, lie or belong to another member of the family.
#include "kernels/codecs/jp2/container/boxes.h"

#include "tests/kernels/codecs/jp2/made_files.h"

namespace iiifbench {
namespace {

Bytes GreyCodestream() {
  return MadeCodestream({40, 30}, {{.value = [](int x, int y) { return x + y; }}});
}

TEST(Jp2BoxesTest, NestedHeaderBoxesDoNotOverflowTheStack) {
  // 800 kB of them, each inside the one before.
  Bytes nest = Signature();
  constexpr int kDepth = 100000;
  for (int n = 0; n < kDepth; ++n)
    Append(nest, Joined({Big(8 * (kDepth - n), 4), {'j', 'p', '2', 'h'}}));
  const auto [kind, message] = RefusalOf(nest);
  EXPECT_EQ(kind, ErrorKind::kBadInput);
  EXPECT_NE(message.find("no codestream box"), std::string::npos) << message;
  // The same in front of a picture that is right: its header box is the first, which has no ihdr.
  Append(nest, MadeJp2(GreyCodestream(), EnumeratedColour(17)));
  EXPECT_EQ(RefusalOf(nest).first, ErrorKind::kBadInput);
}

TEST(Jp2BoxesTest, OtherMembersOfTheFamilyAreRefusedByBrand) {
  for (const auto& [brand, words] : {std::pair("jpm ", "a JPM file"),
                                     {"mjp2", "a Motion JPEG 2000 file"},
                                     {"mj2s", "a Motion JPEG 2000 file"}}) {
    const auto [kind, message] = RefusalOf(MadeJp2(GreyCodestream(), EnumeratedColour(17), brand));
    EXPECT_EQ(kind, ErrorKind::kUnsupported);
    EXPECT_NE(message.find(words), std::string::npos) << message;
  }
  for (const char* brand : {"jp2 ", "jpx ", "jph "}) {
    const auto info = Probed(MadeJp2(GreyCodestream(), EnumeratedColour(17), brand));
    EXPECT_TRUE(info.ok()) << brand << info.error().message;
  }
}

TEST(Jp2BoxesTest, LengthsThatLieAreErrors) {
  const Bytes codestream = GreyCodestream();
  const Bytes good = MadeJp2(codestream, EnumeratedColour(17));
  ASSERT_TRUE(Probed(good).ok());
  const size_t header = Signature().size();
  const auto changed = [&](size_t at, int64_t value) {
    Bytes bytes = good;
    const Bytes big = Big(value, 4);
    std::copy(big.begin(), big.end(), bytes.begin() + static_cast<ptrdiff_t>(at));
    return RefusalOf(bytes).first;
  };
  for (const int64_t length :
       {int64_t{2}, int64_t{7}, int64_t{9}, int64_t{0x7FFFFFFF}, int64_t{0xFFFFFFFF}})
    EXPECT_EQ(changed(header, length), ErrorKind::kBadInput) << length;
  for (const int64_t length : {int64_t{2}, int64_t{12}, int64_t{0xFFFFFFF0}})
    EXPECT_EQ(changed(header + 8, length), ErrorKind::kBadInput) << length;  // ihdr
  // A length of 8 bytes that is negative as a signed number.
  Bytes huge = Joined({Signature(), Big(1, 4), {'j', 'p', '2', 'h'}, Big(-16, 8), codestream});
  EXPECT_EQ(RefusalOf(huge).first, ErrorKind::kBadInput);
  // Every cut of the boxes.
  for (size_t size = 0; size + codestream.size() < good.size() + 60; ++size) {
    Bytes cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(RefusalOf(cut).first, ErrorKind::kBadInput) << size;
  }
}

TEST(Jp2BoxesTest, AHeaderBoxThatContradictsTheCodestreamIsAnError) {
  const Bytes good = MadeJp2(GreyCodestream(), EnumeratedColour(17));
  const size_t fields = Signature().size() + 16;
  for (const size_t at : {fields + 3, fields + 7, fields + 9}) {
    Bytes bytes = good;
    ++bytes[at];
    const auto [kind, message] = RefusalOf(bytes);
    EXPECT_EQ(kind, ErrorKind::kBadInput);
    EXPECT_NE(message.find("the header box says"), std::string::npos) << message;
  }
}

TEST(Jp2BoxesTest, ManyBoxesAreWalkedToALimit) {
  const auto with = [](int count) {
    Bytes boxes;
    for (int n = 0; n < count; ++n) Append(boxes, MadeBox("free", {}));
    return Joined({Signature(), boxes});
  };
  EXPECT_NE(RefusalOf(with(9000)).second.find("no codestream"), std::string::npos);
  EXPECT_NE(RefusalOf(with(20000)).second.find("more than 10000 boxes"), std::string::npos);
}

}  // namespace
}  // namespace iiifbench
