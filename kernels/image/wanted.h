// wanted: whether the answer of the work under way is still wanted by anybody.
//
// Who answers requests says how to ask, for his thread, as long as a WantedScope lives; decoders
// ask between rows, pieces and code-blocks, and end with an error where the answer is no. Nobody
// has said: it is wanted. Errors: GivenUp. Threads: each has its own; ForEachWantedPiece hands it
// on to its helpers, so the function must be callable from several at once.
#pragma once

#include <functional>
#include <string_view>

#include "kernels/image/result.h"

namespace iiifbench {

class WantedScope {
 public:
  // Borrowed; null: always wanted.
  explicit WantedScope(const std::function<bool()>* wanted);
  ~WantedScope();
  WantedScope(const WantedScope&) = delete;
  WantedScope& operator=(const WantedScope&) = delete;

 private:
  const std::function<bool()>* before_;
};

const std::function<bool()>* WantedOfThisThread();
bool StillWanted();
Error GivenUp(std::string_view name);  // kIo: "NAME: the work was given up"

}  // namespace iiifbench
