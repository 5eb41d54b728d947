// guarded: memory that is not to be had becomes an error of the request.
//
// The kernels throw nothing themselves, but std::vector and operator new do, where a file or a
// request asks for more than there is. Guarded<F> is F with std::bad_alloc and std::length_error as
// kTooLarge; it stands wherever the kernels are entered: a codec's functions, a Renderer, a piece
// of work on another thread.
#pragma once

#include <new>
#include <stdexcept>
#include <utility>

#include "kernels/image/result.h"

namespace iiifbench {

inline Error NoMemory() {
  return Fail(ErrorKind::kTooLarge, "there is not enough memory for this request");
}

template <typename Call>
auto WithMemoryErrors(Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return NoMemory();
  } catch (const std::length_error&) {
    return NoMemory();
  }
}

template <auto kFunction>
struct GuardOf;
template <typename T, typename... Arguments, Result<T> (*kFunction)(Arguments...)>
struct GuardOf<kFunction> {
  static Result<T> Call(Arguments... arguments) {
    return WithMemoryErrors([&] { return kFunction(std::forward<Arguments>(arguments)...); });
  }
};
template <auto kFunction>
inline constexpr auto Guarded = &GuardOf<kFunction>::Call;

}  // namespace iiifbench
