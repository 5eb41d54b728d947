// jpeg/huffman/stream: the marker segments of a JPEG file up to its first scan, as plain data.
//
// Standard: ITU-T T.81, annex B (marker syntax), C.2 (Huffman tables). Shapes: an MCU is max_h x
// max_v blocks of 8x8 samples where components interleave; a scan of one component has one block
// per MCU (A.2.2). Units: bytes of the file, MCUs. Memory: a Stream keeps no reference to the
// bytes. Errors: a file that our own scan cannot take is no error here, but a reason for the
// library to do the work. Threads: free functions without state.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench::jpeg {

inline constexpr int kMaxBlocksInMcu = 10;  // T.81 B.2.3

// A Huffman table as a file states it: how many codes of each length, and their symbols in order of
// code.
struct HuffmanSpec {
  bool present = false;
  std::array<uint8_t, 17> counts{};  // [1..16]
  std::vector<uint8_t> symbols;
};

struct QuantisationSpec {
  bool present = false;
  std::vector<uint8_t> payload;  // as in DQT: precision and destination, then 64 values
};

struct Component {
  uint8_t id = 0;
  int h = 1, v = 1;
  int quantisation = 0;
  int dc_table = 0, ac_table = 0;
};

struct Stream {
  uint8_t frame_marker = 0;  // 0xC0 baseline, 0xC1 extended
  Size size;
  std::vector<Component> components;  // in the order of the frame
  std::array<HuffmanSpec, 4> dc, ac;
  std::array<QuantisationSpec, 4> quantisation;
  int restart_interval = 0;  // MCUs; 0: none
  bool jfif = false;
  int adobe_transform = -1;  // -1: no Adobe segment
  int64_t data_offset = 0;   // the first byte of entropy-coded data

  int max_h = 1, max_v = 1;
  Size mcu;  // in pixels of level 0
  int mcus_across = 0, mcus_down = 0;
  int64_t mcus() const { return int64_t{mcus_across} * mcus_down; }
  // For each block of an MCU, the index of its component.
  std::array<uint8_t, kMaxBlocksInMcu> block_component{};
  int blocks_in_mcu = 0;
};

enum class ParseOutcome { kOk, kTruncated, kNotForUs };

// Fills `stream` from the first bytes of a file. kTruncated: the headers go on behind `bytes`.
// kNotForUs: `reason` says which feature (or fault) only the library handles.
ParseOutcome ParseStream(std::span<const uint8_t> bytes, Stream& stream, std::string& reason);

}  // namespace iiifbench::jpeg
