#pragma once

#include <libmnl/libmnl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mcq::os {

/// The attributes of a message, indexed by type up to Count - 1; null for those it does not have.
template <std::size_t Count>
using Attributes = std::array<const nlattr*, Count>;

/// Notes an attribute by its type; `context` is an Attributes<Count>.
template <std::size_t Count>
int collect_attribute(const nlattr* attribute, void* context) noexcept {
  const auto type = mnl_attr_get_type(attribute);
  if (type < Count) (*static_cast<Attributes<Count>*>(context))[type] = attribute;
  return MNL_CB_OK;
}

/// Parses the attributes that follow a header of `header_size` bytes.
template <std::size_t Count>
Attributes<Count> attributes(const nlmsghdr& message, std::size_t header_size) {
  Attributes<Count> found{};
  mnl_attr_parse(&message, static_cast<unsigned>(header_size), collect_attribute<Count>, &found);
  return found;
}

/// Parses the attributes inside another one; none when it is null.
template <std::size_t Count>
Attributes<Count> nested_attributes(const nlattr* parent) {
  Attributes<Count> found{};
  if (parent != nullptr) mnl_attr_parse_nested(parent, collect_attribute<Count>, &found);
  return found;
}

/// Returns the value of an attribute; none when it is null or of another type.
inline std::optional<std::uint32_t> number_of(const nlattr* attribute) {
  if (attribute == nullptr || mnl_attr_validate(attribute, MNL_TYPE_U32) < 0) return {};
  return mnl_attr_get_u32(attribute);
}
inline std::optional<std::uint16_t> short_of(const nlattr* attribute) {
  if (attribute == nullptr || mnl_attr_validate(attribute, MNL_TYPE_U16) < 0) return {};
  return mnl_attr_get_u16(attribute);
}
inline std::optional<std::string_view> text_of(const nlattr* attribute) {
  if (attribute == nullptr || mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0) return {};
  return std::string_view{mnl_attr_get_str(attribute)};
}

}  // namespace mcq::os
