#pragma once

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace mcq::os {

using Bytes = std::vector<std::uint8_t>;

inline void append(Bytes& bytes, const void* data, std::size_t size) {
  const auto* more = static_cast<const std::uint8_t*>(data);
  bytes.insert(bytes.end(), more, more + size);
  bytes.resize(NLMSG_ALIGN(bytes.size()));
}
inline Bytes attribute(std::uint16_t type, const Bytes& value) {
  const nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + value.size()), type};
  Bytes bytes;
  append(bytes, &header, sizeof header);
  append(bytes, value.data(), value.size());
  return bytes;
}
inline Bytes text(const std::string& text) {
  return {text.c_str(), text.c_str() + text.size() + 1};
}

/// A message of rtnetlink, byte by byte.
class Message {
 public:
  template <class Header>
  Message(std::uint16_t type, const Header& header) {
    nlmsghdr start{};
    start.nlmsg_type = type;
    append(bytes_, &start, sizeof start);
    append(bytes_, &header, sizeof header);
  }
  Message& with(std::uint16_t type, const Bytes& value) {
    const auto bytes = attribute(type, value);
    append(bytes_, bytes.data(), bytes.size());
    return *this;
  }
  Message& with(std::uint16_t type, std::uint32_t value) {
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return with(type, bytes);
  }
  /// Calls `call` with the message, on the heap without slack: what reads beyond it is found out.
  template <class Call>
  void give(Call call) const {
    auto bytes = bytes_;
    bytes.shrink_to_fit();
    auto* message = reinterpret_cast<nlmsghdr*>(bytes.data());
    message->nlmsg_len = static_cast<std::uint32_t>(bytes.size());
    call(*message);
  }
  void cut(std::size_t size) { bytes_.resize(size); }
  std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

}  // namespace mcq::os
