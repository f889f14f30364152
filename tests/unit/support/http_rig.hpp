#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/server.hpp"
#include "os/fd.hpp"
#include "support/temporary_directory.hpp"

namespace mcq::http {

/// Somebody who talks to the server; nothing it does blocks.
class Client {
 public:
  explicit Client(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    is_connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  }

  bool is_connected() const { return is_connected_; }
  /// Sends as much of it as there is room for; returns how much that was.
  std::size_t send(const std::string& text) {
    const auto sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  /// Everything that has come so far.
  const std::string& received() {
    std::string piece(1 << 16, 0);
    for (;;) {
      const auto size = ::recv(fd_.get(), piece.data(), piece.size(), 0);
      if (size <= 0) {
        is_closed_ = is_closed_ || size == 0 || errno != EAGAIN;
        return received_;
      }
      received_.append(piece, 0, static_cast<std::size_t>(size));
    }
  }
  /// Whether the server has said that nothing more will come.
  bool is_closed() {
    received();
    return is_closed_;
  }
  bool has(const std::string& text) { return received().find(text) != std::string::npos; }

 private:
  os::Fd fd_;
  bool is_connected_ = false, is_closed_ = false;
  std::string received_;
};

/// An answer in its parts.
struct Answer {
  std::string status;  ///< "200 OK"
  std::string head;    ///< the headers
  std::string body;    ///< without the chunks it came in
  bool is_whole = false;

  explicit Answer(const std::string& text) {
    const auto line = text.find("\r\n");
    const auto end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return;
    status = text.substr(9, line - 9);
    head = text.substr(line + 2, end - line);
    body = text.substr(end + 4);
    is_whole = !has("Content-Length") || has("Content-Length: " + std::to_string(body.size()));
    if (has("Transfer-Encoding: chunked")) join_chunks();
  }
  bool has(const std::string& header) const { return head.find(header) != std::string::npos; }

 private:
  void join_chunks() {
    is_whole = false;
    std::string rest = std::exchange(body, {});
    for (;;) {
      const auto line = rest.find("\r\n");
      if (line == std::string::npos) return;
      const auto size = std::stoul(rest, nullptr, 16);
      if (rest.size() < line + size + 4) return;
      body += rest.substr(line + 2, size);
      EXPECT_EQ(rest.substr(line + 2 + size, 2), "\r\n");
      rest.erase(0, line + size + 4);
      if (size == 0) {
        is_whole = rest.empty();
        return;
      }
    }
  }
};

inline const std::string kGet = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
inline constexpr Duration kLong = 1h;  ///< nobody waits for it

/// A server whose event loop is turned by hand, and whose every request gets `answer`.
struct HttpRig {
  explicit HttpRig(const ServerTimeouts& patience = {kLong, kLong, kLong, kLong, kLong, kLong}) {
    auto listening = Server::start(
        io, os::ServerSocket::listen(path),
        [this](const Request& request) {
          requests.push_back(request);
          return answer();
        },
        events, ServerOptions{.patience = patience, .headers = headers});
    if (listening) server.emplace(std::move(*listening));
    EXPECT_TRUE(listening);
  }

  Client connect() const { return Client{path}; }
  Client request(const std::string& text = kGet) const {
    auto client = connect();
    EXPECT_EQ(client.send(text), text.size());
    return client;
  }
  /// Runs the handlers that are ready, and those that they make ready, up to kMaxHandlers: a client
  /// that asks again at once always has one. Returns how many ran.
  std::size_t turn() {
    io.restart();
    std::size_t done = 0;
    while (done < kMaxHandlers && io.poll_one() != 0) ++done;
    return done;
  }
  /// Turns the event loop until something holds. It waits only for what has a time to wait for.
  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      if (turn() == 0) io.run_one_for(1ms);
    }
    return true;
  }
  Answer ask(const std::string& text = kGet) {
    auto client = request(text);
    EXPECT_TRUE(until([&] { return client.is_closed(); }));
    return Answer{client.received()};
  }

  static constexpr std::size_t kMaxHandlers = 1000;
  TemporaryDirectory directory;
  const std::string path = directory / "api.sock";
  const std::string headers = "X-Further: yes\r\n";
  boost::asio::io_context io{1};
  EventStream events;
  std::vector<Request> requests;
  std::function<Response()> answer = [] { return Response{.body = "{}"}; };
  std::optional<Server> server;
};

/// How many descriptors this process has.
inline std::ptrdiff_t count_descriptors() {
  using Entries = std::filesystem::directory_iterator;
  return std::distance(Entries{"/proc/self/fd"}, Entries{}) - 1;
}

}  // namespace mcq::http
