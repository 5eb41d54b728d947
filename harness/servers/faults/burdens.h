// burdens: what servers of real threads carry besides their stages: a subprocess with a temporary
// file, more decoding threads than cores, memory that is touched anew, a codestream that is parsed
// for every picture.
//
// Each does the thing itself (a process is started, pages are touched, threads compete), because an
// estimator that reads /proc must find what it would find on a real server. Only parsing is spent
// as busy time. Units: milliseconds, MB of 10^6 bytes. Errors: kIo with what failed. Threads: all
// functions from any thread.
#pragma once

#include <chrono>
#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

struct Burdens {
  bool subprocess = false;      // `cp` to a temporary file, which is decoded
  int decode_threads = 0;       // each does the decode's work once more, all at a time; 0: none
  double touch_mb_per_mpx = 0;  // new memory, by the pixels of the region
  double parse_ms_per_mb = 0;   // busy time by the size of the file
};

// Busy until `time` is over.
void Work(std::chrono::nanoseconds time);

// A copy of `file` made by a child process; the caller removes it.
Result<std::string> CopyBySubprocess(const std::string& file);

// Maps, touches page by page and unmaps.
void TouchNewMemory(double megabytes);

// `threads` threads, kept from call to call, each burn `time` of processor time; returns when all
// have.
void BurnOnThreads(int threads, std::chrono::nanoseconds time);

}  // namespace iiifbench
