#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/time.hpp"

namespace mcq::text {

/// JSON whose members keep their order of insertion.
using Json = nlohmann::ordered_json;

/// Serializes on one line. Replaces invalid UTF-8, which interface names may contain.
inline std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Seconds, rounded to the millisecond; 0 for a negative duration.
inline double seconds(Duration time) {
  const auto rounded = std::chrono::round<std::chrono::milliseconds>(std::max(time, Duration{}));
  return std::chrono::duration<double>(rounded).count();
}

/// Reads a count from foreign JSON; 0 for a negative one. Throws json::type_error for anything but
/// an integer, whereas get() would convert 1e308.
inline std::uint64_t whole_number(const nlohmann::json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  const auto number = value.get_ref<const nlohmann::json::number_integer_t&>();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

/// The text of an address; null for the unspecified address.
template <class Address>
Json or_null(const Address& address) {
  return address.is_unspecified() ? Json{} : Json(to_string(address));
}

}  // namespace mcq::text
