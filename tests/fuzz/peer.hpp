#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "os/fd.hpp"
#include "require.hpp"

namespace mcq::fuzz {

/// One end of a connection; nothing it does blocks.
class Peer {
 public:
  explicit Peer(os::Fd socket) : socket_(std::move(socket)) {}

  static sockaddr_un name_of(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    require(path.size() < sizeof name.sun_path, "a socket has a short path");
    std::memcpy(name.sun_path, path.data(), path.size());
    return name;
  }
  static os::Fd make_socket() {
    return os::Fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  }
  static Peer connect(const std::string& path) {
    Peer peer{make_socket()};
    const auto name = name_of(path);
    require(
        ::connect(peer.socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0,
        "whoever listens can be reached");
    return peer;
  }

  /// Loses what there is no room for, and all when the other end is gone.
  void send(std::string_view text) {
    [[maybe_unused]] const auto sent =
        ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }
  /// Nothing more will be sent.
  void end() { ::shutdown(socket_.get(), SHUT_WR); }

  /// Takes what has come so far, and returns all of it.
  const std::string& receive() {
    static std::string piece(1 << 16, 0);
    for (;;) {
      const auto size = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (size <= 0) {
        is_closed_ = is_closed_ || size == 0 || errno != EAGAIN;
        return received_;
      }
      received_.append(piece, 0, static_cast<std::size_t>(size));
    }
  }
  /// Whether the other end has nothing more to send, as far as was received.
  bool is_closed() const { return is_closed_; }

 private:
  os::Fd socket_;
  bool is_closed_ = false;
  std::string received_;
};

/// The parts into which a text is cut, from the first one on.
inline std::string_view take(std::string_view& text, std::size_t most) {
  const auto part = text.substr(0, most);
  text.remove_prefix(part.size());
  return part;
}

}  // namespace mcq::fuzz
