// Result<T>: a value or an error that a person can act on.
//
// Bad input (a truncated file, an impossible request) yields an Error whose message names the
// library, the file and the offset or marker. A mistake of the caller (a view of the wrong shape)
// ends the process through CHECK.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace iiifbench {

enum class ErrorKind {
  kBadInput,     // the bytes are damaged or lie about themselves
  kUnsupported,  // legal, but not handled here; the message names the feature
  kTooLarge,     // beyond a limit of DecodeLimits or of the request
  kNotFound,     // no such file, identifier or program
  kBadRequest,   // a request that the standard forbids
  kIo,           // reading, writing or the network failed
};

struct Error {
  ErrorKind kind = ErrorKind::kBadInput;
  std::string message;
};

// Makes an Error with a formatted message: Fail(ErrorKind::kIo, "cannot read {}: {}", path, why).
template <typename... Args>
Error Fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Error{kind, fmt::format(format, std::forward<Args>(args)...)};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor): returns read as values
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  T& value() { return std::get<T>(state_); }
  const T& value() const { return std::get<T>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const std::string& detail);

}  // namespace iiifbench

// Ends the process when a caller broke a function's contract. Never used for bad input.
#define IIIFBENCH_CHECK(condition, ...)                                                      \
  do {                                                                                       \
    if (!(condition))                                                                        \
      ::iiifbench::CheckFailed(__FILE__, __LINE__, #condition, fmt::format("" __VA_ARGS__)); \
  } while (false)
