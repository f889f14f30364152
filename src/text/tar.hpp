#pragma once

#include <cstdint>
#include <string>

namespace mcq::text {

/// Returns a file as it is in a tar archive (POSIX.1-1988 ustar). `name` has at most 99 bytes.
std::string tar_entry(const std::string& name, const std::string& contents,
                      std::uint64_t seconds_since_1970);

/// Returns the end of a tar archive, which follows its entries.
std::string tar_end();

}  // namespace mcq::text
