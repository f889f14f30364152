#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

// Reads fields of the daemon's responses, which may come from another version of it: a field that
// is missing or has another type yields nothing.

namespace mcq::client {

/// Returns a member of `object`; null if there is none, or if `object` is null or no object.
inline const nlohmann::json* member(const nlohmann::json* object, const char* name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

/// Returns a finite number of 0 or more.
inline std::optional<double> number(const nlohmann::json* value) {
  if (value == nullptr || !value->is_number()) return {};
  const auto found = value->get<double>();
  return std::isfinite(found) && found >= 0 ? std::optional{std::abs(found)} : std::nullopt;
}

/// Returns an integer of 0 or more. A double would not hold each event ID.
inline std::optional<std::uint64_t> whole_number(const nlohmann::json* value) {
  const bool is_whole = value != nullptr && value->is_number_integer() && *value >= 0;
  return is_whole ? std::optional{value->get<std::uint64_t>()} : std::nullopt;
}

inline std::optional<bool> truth(const nlohmann::json* value) {
  const auto* found =
      value == nullptr ? nullptr : value->get_ptr<const nlohmann::json::boolean_t*>();
  return found == nullptr ? std::nullopt : std::optional{*found};
}

/// Returns the text of a string; null if `value` is none.
inline const std::string* text(const nlohmann::json* value) {
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

}  // namespace mcq::client
