#include "kernels/image/wanted.h"

namespace iiifbench {
namespace {

thread_local const std::function<bool()>* wanted_here = nullptr;

}  // namespace

WantedScope::WantedScope(const std::function<bool()>* wanted) : before_(wanted_here) {
  wanted_here = wanted;
}
WantedScope::~WantedScope() { wanted_here = before_; }

const std::function<bool()>* WantedOfThisThread() { return wanted_here; }
bool StillWanted() { return wanted_here == nullptr || (*wanted_here)(); }
Error GivenUp(std::string_view name) {
  return Fail(ErrorKind::kIo, "{}: the work was given up", name);
}

}  // namespace iiifbench
