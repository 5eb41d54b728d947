// stand_ins: the fetched picture encoded in other ways, in a folder of our own that goes with the
// object.
//
// Memory: one encoded file at a time; the files stay until the object goes. Errors: kIo with the
// file, and what the codec says. Threads: the encoders use two.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/attribution/stand_in/stored_as.h"

namespace iiifbench {

class StandIns {
 public:
  StandIns() = default;
  StandIns(StandIns&& other) noexcept;
  StandIns& operator=(StandIns&& other) noexcept;
  ~StandIns();

  // The address is good as long as this object, moved or not.
  Result<const StoredAs*> Make(ConstPixelView picture, const WayToStore& way);
  // Another picture of the server, stored as the last one that was made.
  Result<void> AddOther(ConstPixelView picture);
  void DropLast() { all_.pop_back(); }
  const std::vector<std::unique_ptr<StoredAs>>& all() const { return all_; }

 private:
  Result<StoredFile> Store(ConstPixelView picture, const WayToStore& way, const std::string& name);

  std::string folder_;  // empty: nothing made
  std::vector<std::unique_ptr<StoredAs>> all_;
};

}  // namespace iiifbench
