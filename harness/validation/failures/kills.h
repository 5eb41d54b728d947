// kills: `load`, `study` and `attribute` killed (SIGKILL) at random moments, again and again, until
// each run has come to its end by --resume: at most the last second of answers may be lost.
//
// The truth is apart from the program: a server before the server notes when it gave each answer.
// Prints a Markdown table, a row a command. Errors: kIo when the server cannot be started. Threads:
// those of that server.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

struct KillOptions {
  std::string program, folder, image;  // folder: for what the runs write
  int server_port = 0;                 // of a right server that has `image`
  int kills = 9;                       // of each command
  std::string only;                    // commands whose name holds this; empty: all
  uint64_t seed = 1;
};
// How many commands broke their promise.
Result<int> KillAtRandom(const KillOptions& options);

}  // namespace iiifbench
