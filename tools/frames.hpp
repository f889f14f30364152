#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mcq::tools {

enum class Kind : std::uint8_t { kIgmp2, kIgmp3, kMld1, kMld2, kData };

/// What hosts of a link say, or a stream to as many groups.
struct Load {
  Kind kind = Kind::kIgmp2;
  std::uint32_t groups = 1000;
  std::uint32_t hosts = 1;    ///< a group is reported by one of them, in turn
  std::uint32_t records = 1;  ///< groups that one report of the newest version names
  bool leaves = false;
  std::size_t data_size = 1316;  ///< bytes of UDP data
};

/// Ethernet frames of equal length, which lie one behind the other: groups 225.0.0.0 or ff15:: and
/// those that follow, hosts 192.0.2.16 or fe80::16 and those that follow.
class Frames {
 public:
  explicit Frames(const Load& load);
  std::size_t size() const { return bytes_.size() / stride_; }
  std::span<const std::uint8_t> operator[](std::size_t n) const {
    return std::span{bytes_}.subspan(n * stride_, stride_);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t stride_ = 0;
};

inline constexpr std::size_t kEthernetHeaderSize = 14;
inline constexpr std::uint32_t kMaxHosts = 128;

}  // namespace mcq::tools
