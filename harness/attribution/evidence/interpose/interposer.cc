// interposer: a library to be preloaded into a dynamically linked server: times the calls that it
// makes into libjpeg, OpenJPEG and libtiff, and changes nothing.
//
// decode: reading of JPEG, JPEG 2000 and TIFF pixels, with what the library reads from files
// meanwhile; encode: writing of JPEG. A call inside another (libtiff's into libjpeg) counts once,
// as the outer one. The real function is looked up in the object that is loaded, by its file's
// name: RTLD_NEXT is null where a Python extension has loaded it for itself. A library's error
// jumps over our return; such a call is not counted, and the next one from a frame that is as high
// begins anew. Between two calls of one JPEG's decode on one thread the program works on its rows:
// counted apart, without what is encoded meanwhile. Costs two clock readings a call.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "harness/attribution/evidence/interpose/counters.h"

namespace {

using iiifbench::InterposeCounters;

struct Search {
  const char* stem;
  void* handle;
};

int OpenLoaded(dl_phdr_info* object, size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  const char* slash = std::strrchr(object->dlpi_name, '/');
  if (slash == nullptr || std::strncmp(slash + 1, search->stem, std::strlen(search->stem)) != 0)
    return 0;
  search->handle = ::dlopen(object->dlpi_name, RTLD_NOLOAD | RTLD_LAZY);
  return search->handle != nullptr ? 1 : 0;
}

// `stem`: how the library's file name begins.
void* Real(const char* stem, const char* name) {
  Search search{stem, nullptr};
  ::dl_iterate_phdr(OpenLoaded, &search);
  void* real = search.handle != nullptr ? ::dlsym(search.handle, name) : nullptr;
  if (real == nullptr) real = ::dlsym(RTLD_NEXT, name);
  if (real != nullptr) return real;
  std::fprintf(stderr, "iiifbench_interpose: %s of %s is not to be found\n", name, stem);
  std::abort();
}

InterposeCounters* Map() {
  const char* folder = std::getenv("IIIFBENCH_INTERPOSE");
  if (folder == nullptr) return nullptr;
  char path[4096];
  std::snprintf(path, sizeof path, "%s/%d.counters", folder, static_cast<int>(::getpid()));
  const int file = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return nullptr;
  void* memory = MAP_FAILED;
  if (::ftruncate(file, sizeof(InterposeCounters)) == 0)
    memory =
        ::mmap(nullptr, sizeof(InterposeCounters), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return memory == MAP_FAILED ? nullptr : static_cast<InterposeCounters*>(memory);
}

uint64_t Now() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

enum Part { kDecode, kEncode };
// Of a call, in the decode of one JPEG.
enum Step { kOther, kHeader, kRead, kFinish };

// The JPEG that this thread decodes, from its start to its finish; and the end of the last call,
// put off by what was encoded since.
thread_local void* decoded = nullptr;
thread_local uint64_t last_end = 0;

// The stack's address at the outermost call; stacks grow down.
thread_local uintptr_t outermost = 0;

class Timed {
 public:
  Timed(Part part, Step step, void* object) : part_(part), step_(step), object_(object) {
    const auto here = reinterpret_cast<uintptr_t>(this);
    if (outermost != 0 && here < outermost) return;
    outermost = here;
    start_ = Now();
    if (step == kHeader) decoded = nullptr;  // the object may have been another picture's
    if (step > kHeader && decoded == object && start_ > last_end) between_ = start_ - last_end;
  }
  ~Timed() {
    if (start_ == 0) return;
    outermost = 0;
    static InterposeCounters* const counters = Map();
    if (counters == nullptr) return;
    auto& stage = part_ == kDecode ? counters->decode : counters->encode;
    const uint64_t end = Now();
    stage.nanoseconds += end - start_;
    ++stage.calls;
    if (between_ > 0) counters->between.nanoseconds += between_, ++counters->between.calls;
    if (part_ == kEncode) last_end += end - start_;
    if (step_ < kRead) return;
    decoded = step_ == kFinish ? nullptr : object_;
    last_end = end;
  }

 private:
  Part part_;
  Step step_;
  void* object_;
  uint64_t start_ = 0, between_ = 0;
};

}  // namespace

#define TIMED_STEP(part, step, object, stem, result, name, parameters, ...)  \
  extern "C" __attribute__((visibility("default"))) result name parameters { \
    using Function = result(*) parameters;                                   \
    static const auto real = reinterpret_cast<Function>(Real(stem, #name));  \
    const Timed timed(part, step, object);                                   \
    return real(__VA_ARGS__);                                                \
  }

#define TIMED(part, stem, result, name, parameters, ...) \
  TIMED_STEP(part, kOther, nullptr, stem, result, name, parameters, __VA_ARGS__)
#define TIMED_JPEG(step, result, name, parameters, ...) \
  TIMED_STEP(kDecode, step, j, "libjpeg", result, name, parameters, __VA_ARGS__)

// clang-format off
TIMED_JPEG(kHeader, int, jpeg_read_header, (void* j, int require), j, require)
TIMED_JPEG(kRead, int, jpeg_start_decompress, (void* j), j)
TIMED_JPEG(kRead, int, jpeg_consume_input, (void* j), j)
TIMED_JPEG(kRead, unsigned, jpeg_read_scanlines, (void* j, void* rows, unsigned n), j, rows, n)
TIMED_JPEG(kRead, unsigned, jpeg_skip_scanlines, (void* j, unsigned n), j, n)
TIMED_JPEG(kRead, unsigned, jpeg_read_raw_data, (void* j, void* rows, unsigned n), j, rows, n)
TIMED_JPEG(kFinish, int, jpeg_finish_decompress, (void* j), j)
TIMED(kEncode, "libjpeg", void, jpeg_start_compress, (void* j, int all), j, all)
TIMED(kEncode, "libjpeg", unsigned, jpeg_write_scanlines, (void* j, void* rows, unsigned n), j, rows, n)
TIMED(kEncode, "libjpeg", unsigned, jpeg_write_raw_data, (void* j, void* rows, unsigned n), j, rows, n)
TIMED(kEncode, "libjpeg", void, jpeg_finish_compress, (void* j), j)
TIMED(kDecode, "libopenjp2", int, opj_read_header, (void* s, void* c, void* i), s, c, i)
TIMED(kDecode, "libopenjp2", int, opj_decode, (void* c, void* s, void* i), c, s, i)
TIMED(kDecode, "libopenjp2", int, opj_get_decoded_tile, (void* c, void* s, void* i, unsigned tile), c, s, i, tile)
TIMED(kDecode, "libopenjp2", int, opj_end_decompress, (void* c, void* s), c, s)
TIMED(kDecode, "libtiff", long, TIFFReadEncodedTile, (void* t, unsigned n, void* to, long size), t, n, to, size)
TIMED(kDecode, "libtiff", long, TIFFReadEncodedStrip, (void* t, unsigned n, void* to, long size), t, n, to, size)
TIMED(kDecode, "libtiff", long, TIFFReadRawTile, (void* t, unsigned n, void* to, long size), t, n, to, size)
TIMED(kDecode, "libtiff", long, TIFFReadTile, (void* t, void* to, unsigned x, unsigned y, unsigned z, unsigned short s), t, to, x, y, z, s)
TIMED(kDecode, "libtiff", int, TIFFReadScanline, (void* t, void* to, unsigned row, unsigned short s), t, to, row, s)
TIMED(kDecode, "libtiff", int, TIFFReadRGBATile, (void* t, unsigned x, unsigned y, void* to), t, x, y, to)
TIMED(kDecode, "libtiff", int, TIFFReadRGBAStrip, (void* t, unsigned row, void* to), t, row, to)
// clang-format on
#undef TIMED
#undef TIMED_JPEG
#undef TIMED_STEP
