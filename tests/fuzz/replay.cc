// fuzz_replay SEEDS [SECONDS]: every fuzz target over its seeds, and over damaged ones as long as
// there is time, in a build that needs no libFuzzer: the short run of every day.
//
// Damage is seeded, so that a run can be repeated: the message names the input, which is written to
// fuzz_replay.input. Threads: one.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz_targets.h"

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

Bytes current;

// The input that ended the process.
void Keep(int signal) {
  if (std::FILE* file = std::fopen("fuzz_replay.input", "wb"); file != nullptr) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

Bytes ReadWhole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A few bits, bytes, a stretch or the end of it are changed; the last bytes say what is asked.
Bytes Damaged(Bytes bytes, const std::vector<Bytes>& others, std::mt19937_64& random) {
  for (int n = 1 + static_cast<int>(random() % 4); n > 0 && !bytes.empty(); --n) {
    const size_t at = random() % bytes.size();
    const size_t left = bytes.size() - at;
    switch (random() % 7) {
      case 0:
        bytes[at] ^= static_cast<uint8_t>(1u << random() % 8);
        break;
      case 1:
        bytes[at] = static_cast<uint8_t>(random() % 2 == 0 ? 0xFF : random());
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at),
                    bytes.begin() + static_cast<ptrdiff_t>(at + std::min(left, random() % 64)));
        break;
      case 4: {  // a piece of another, or of itself
        const Bytes from = others[random() % others.size()];
        if (from.empty()) break;
        const size_t begin = random() % from.size();
        const size_t count = std::min(from.size() - begin, size_t{1} + random() % 64);
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at),
                     from.begin() + static_cast<ptrdiff_t>(begin),
                     from.begin() + static_cast<ptrdiff_t>(begin + count));
        break;
      }
      case 5:
        std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), std::min(left, random() % 32),
                    static_cast<uint8_t>(random()));
        break;
      default: {  // a number of two or four bytes
        static constexpr uint32_t kNumbers[] = {0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, ~0u};
        const uint32_t number = kNumbers[random() % std::size(kNumbers)];
        std::memcpy(bytes.data() + at, &number, std::min<size_t>(left, random() % 2 == 0 ? 2 : 4));
      }
    }
  }
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    std::fprintf(stderr, "usage: fuzz_replay SEEDS [SECONDS]\n");
    return 2;
  }
  const double seconds = count > 2 ? std::atof(arguments[2]) : 20;
  ::signal(SIGABRT, Keep);
  ::signal(SIGSEGV, Keep);
  for (const FuzzTarget& target : kFuzzTargets) {
    std::vector<Bytes> seeds;
    const fs::path folder = fs::path(arguments[1]) / target.name;
    std::vector<fs::path> files;
    if (fs::is_directory(folder))
      for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) seeds.push_back(ReadWhole(file));
    if (seeds.empty()) {
      std::fprintf(stderr, "%s: no seeds in %s\n", target.name, folder.c_str());
      return 1;
    }
    const auto start = std::chrono::steady_clock::now();
    const double share = seconds / static_cast<double>(std::size(kFuzzTargets));
    std::mt19937_64 random(1);
    long runs = 0;
    const auto run = [&](Bytes input) {
      current = std::move(input);
      std::fflush(stdout);
      ::alarm(60);  // a hang is a finding: the signal ends the process
      target.input(current.data(), current.size());
      ++runs;
    };
    for (const Bytes& seed : seeds) run(seed);
    while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < share)
      run(Damaged(seeds[random() % seeds.size()], seeds, random));
    std::printf("%s: %zu seeds, %ld executions\n", target.name, seeds.size(), runs);
  }
  return 0;
}
