// interpose: method "interpose": the time that a dynamically linked server which we start spends in
// calls of libjpeg, OpenJPEG and libtiff, by a library that is preloaded into it (interposer.cc).
//
// Names "decode" (with the reading inside) and "encode": time inside the calls. What a program does
// between two calls of one JPEG's decode is "between calls": it feeds the decoder, unpacks rows and
// touches new memory (Pillow: a third of a load, which a profile counts as decode), but may resize
// there too (libvips), so that it is assigned to no stage. Sees no static codecs and no JVM's.
// Totals of all processes since they started; the difference around a request is its own only while
// one client asks. Units: milliseconds. Errors: kNotFound when the library does not lie beside the
// program.
#pragma once

#include <map>
#include <string>

#include "harness/attribution/evidence/evidence.h"

namespace iiifbench {

struct Interposed {
  double decode_ms = 0, encode_ms = 0, between_ms = 0;
  int64_t decode_calls = 0, encode_calls = 0;
};

// Variables for the processes that shall write to `folder`, which exists.
Result<std::map<std::string, std::string>> InterposeEnvironment(const std::string& folder);
// Of all processes so far.
Interposed ReadInterposed(const std::string& folder);
// Adds what was called in between; nothing where nothing was.
void TakeInterposed(const Interposed& before, const Interposed& after, StageSamples& samples);

}  // namespace iiifbench
