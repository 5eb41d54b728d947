// jpeg/huffman/split: passes over Huffman-coded MCUs on two threads, the second from the middle of
// the data.
//
// Why that can be right. Where an MCU begins, what follows depends on that bit alone. Huffman codes
// synchronise themselves: a pass that begins at any byte soon has its MCUs begin where they truly
// do. Nothing is believed, though: the first thread comes from the left, and when one of its MCUs
// begins at a bit where one of the second's did, the two passes are the same from there on. MCUs
// and DC predictors of the second are then off by constants, for they are counts and sums. Where no
// such bit comes (an empty page repeats itself), the first thread goes on alone. Bound: half of the
// pass by lengths (scan.h).
//
// Standard: ITU-T T.81 F.2.2; without restart intervals, whose markers are found at memory speed
// anyway. Memory: a cursor for each of the first MCUs of the second pass, then one for every 256.
// Errors: false, as Scanner::Advance. Threads: the caller and one helper.
#pragma once

#include "kernels/codecs/jpeg/huffman/scan.h"

namespace iiifbench::jpeg {

// Moves `cursor` on to `mcu`, as scanner.Advance. `joined`, when given, gets the MCU from which on
// the second pass was taken, or -1.
bool AdvanceOnTwoThreads(const Stream& stream, const Scanner& scanner, const Bytes& bytes,
                         Cursor& cursor, int64_t mcu, int64_t* joined = nullptr);

}  // namespace iiifbench::jpeg
