#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/settings.hpp"

namespace mcq::config {

/// A named set of defaults. docs/configuration.md has the reason for each value.
enum class Profile : std::uint8_t { kHome, kAv, kIptv, kRfc };

/// As in the file.
inline constexpr std::array<std::string_view, 4> kProfiles{"home", "av", "iptv", "rfc"};

template <Family F>
core::Settings<F> profile_settings(Profile profile);

}  // namespace mcq::config
