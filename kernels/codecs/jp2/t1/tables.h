// jp2/t1/tables: the tables of tier 1 as the decoders want them.
//
// Standard: ITU-T T.800 table C.2 (states of the MQ coder), D.1 (significance contexts), D.2 and
// D.3 (sign contexts), D.7 (first states). Memory: 4 KB, made by the compiler.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace iiifbench::jp2::t1 {

struct MqRow {
  uint16_t qe;
  uint8_t next_mps, next_lps, exchange;
};
inline constexpr int kMqRows = 47;
inline constexpr MqRow kMq[kMqRows] = {
    {0x5601, 1, 1, 1},   {0x3401, 2, 6, 0},   {0x1801, 3, 9, 0},   {0x0AC1, 4, 12, 0},
    {0x0521, 5, 29, 0},  {0x0221, 38, 33, 0}, {0x5601, 7, 6, 1},   {0x5401, 8, 14, 0},
    {0x4801, 9, 14, 0},  {0x3801, 10, 14, 0}, {0x3001, 11, 17, 0}, {0x2401, 12, 18, 0},
    {0x1C01, 13, 20, 0}, {0x1601, 29, 21, 0}, {0x5601, 15, 14, 1}, {0x5401, 16, 14, 0},
    {0x5101, 17, 15, 0}, {0x4801, 18, 16, 0}, {0x3801, 19, 17, 0}, {0x3401, 20, 18, 0},
    {0x3001, 21, 19, 0}, {0x2801, 22, 19, 0}, {0x2401, 23, 20, 0}, {0x2201, 24, 21, 0},
    {0x1C01, 25, 22, 0}, {0x1801, 26, 23, 0}, {0x1601, 27, 24, 0}, {0x1401, 28, 25, 0},
    {0x1201, 29, 26, 0}, {0x1101, 30, 27, 0}, {0x0AC1, 31, 28, 0}, {0x09C1, 32, 29, 0},
    {0x08A1, 33, 30, 0}, {0x0521, 34, 31, 0}, {0x0441, 35, 32, 0}, {0x02A1, 36, 33, 0},
    {0x0221, 37, 34, 0}, {0x0141, 38, 35, 0}, {0x0111, 39, 36, 0}, {0x0085, 40, 37, 0},
    {0x0049, 41, 38, 0}, {0x0025, 42, 39, 0}, {0x0015, 43, 40, 0}, {0x0009, 44, 41, 0},
    {0x0005, 45, 42, 0}, {0x0001, 45, 43, 0}, {0x5601, 46, 46, 0}};

// Contexts: 0 to 8 significance, 9 to 13 sign, 14 to 16 refinement, 17 run length, 18 uniform.
inline constexpr uint32_t kRunLength = 17, kUniform = 18, kContexts = 19;
inline constexpr int kFirstRowSignificance = 4, kFirstRowRunLength = 3, kFirstRowUniform = 46;

// T.800 table D.1 by the counts of significant horizontal, vertical and diagonal neighbours.
constexpr int SignificanceContext(int band, int h, int v, int d) {
  if (band == 1) std::swap(h, v);
  if (band == 3) {
    const int hv = h + v;
    if (d >= 3) return 8;
    if (d == 2) return hv > 0 ? 7 : 6;
    if (d == 1) return hv >= 2 ? 5 : hv == 1 ? 4 : 3;
    return hv >= 2 ? 2 : hv;
  }
  if (h == 2) return 8;
  if (h == 1) return v > 0 ? 7 : d > 0 ? 6 : 5;
  if (v == 2) return 4;
  if (v == 1) return 3;
  return d >= 2 ? 2 : d;
}

struct SignContext {
  int context, flip;
};
// T.800 table D.3 by the contributions of table D.2, each -1, 0 or 1.
constexpr SignContext ContextOfSign(int h, int v) {
  const int flip = h < 0 || (h == 0 && v < 0) ? 1 : 0;
  if (flip != 0) h = -h, v = -v;
  if (h == 1) return {12 + v, flip};
  return {v == 1 ? 10 : 9, flip};
}

}  // namespace iiifbench::jp2::t1
