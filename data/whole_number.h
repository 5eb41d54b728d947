// whole_number: an integer of a JSON document that somebody else may have written.
//
// get<int64_t>() of a number such as 1e26 has no defined result, so only what is written as an
// integer is taken. Errors: nlohmann::json::type_error, as get<int64_t>() of text.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace iiifbench {

inline int64_t WholeNumber(const nlohmann::json& value) {
  return value.get_ref<const nlohmann::json::number_integer_t&>();
}
inline int64_t WholeNumber(const nlohmann::json& object, const char* name, int64_t otherwise) {
  const auto found = object.find(name);
  return found == object.end() ? otherwise : WholeNumber(*found);
}

}  // namespace iiifbench
