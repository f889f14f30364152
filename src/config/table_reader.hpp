#pragma once

#include <toml++/toml.h>

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/protocol_options.hpp"
#include "config/vlans.hpp"

namespace mcq::config {

/// "FILE:LINE: "
std::string at(const std::string& file, const toml::source_region& where);
/// "FILE:LINE"
std::string place_of(const std::string& file, const toml::node& node);

/// Reads the sub-tables `igmp` and `mld` of a table called `title` in messages. Any other key is an
/// error, except `other_keys`.
Result<ProtocolOptions> read_protocols(const toml::node& node, const std::string& title,
                                       const std::string& file,
                                       std::span<const std::string_view> other_keys = {});

/// Reads the keys `vlan` and `vlans` of the table of an interface.
Result<Vlans> read_vlans(const toml::table& interface, const std::string& title,
                         const std::string& file);

}  // namespace mcq::config
