#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/time.hpp"

namespace mcq::text {

/// Keeps its members in the order they were written.
using Json = nlohmann::ordered_json;

/// On one line. Names of interfaces need not be text: what is none is replaced.
inline std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Seconds, to the millisecond; a time that has passed is 0.
inline double seconds(Duration time) {
  const auto rounded = std::chrono::round<std::chrono::milliseconds>(std::max(time, Duration{}));
  return std::chrono::duration<double>(rounded).count();
}

/// A count that another program has written; one below zero is none. What is no whole number throws
/// an exception of the library, whose get() would convert 1e308 as well.
inline std::uint64_t whole_number(const nlohmann::json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  const auto number = value.get_ref<const nlohmann::json::number_integer_t&>();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

/// The text of an address; null when it is unspecified.
template <class Address>
Json or_null(const Address& address) {
  return address.is_unspecified() ? Json{} : Json(to_string(address));
}

}  // namespace mcq::text
