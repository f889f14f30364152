#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "os/fd.hpp"
#include "support/temporary_directory.hpp"

namespace mcq {

/// Somebody at a Unix socket who says the same whatever the question, word for word, and hangs up.
class FakeDaemon {
 public:
  /// What is said by path of the request: "/v1/status". Other requests get nothing at all.
  explicit FakeDaemon(std::map<std::string, std::string> answers)
      : answers_(std::move(answers)), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) std::abort();
    if (::listen(listener_.get(), 5) != 0) std::abort();
    thread_ = std::thread{[this] { serve(); }};
  }
  ~FakeDaemon() { stop(); }
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  /// The first lines of the requests so far; ends the serving.
  const std::vector<std::string>& requests() {
    stop();
    return requests_;
  }

  /// How long it hesitates before each byte of a body; set it before asking.
  std::chrono::milliseconds pause_in_body{0};
  TemporaryDirectory directory;
  const std::string path = directory / "api.sock";

 private:
  void stop() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }
  void serve() {
    for (;;) {
      const os::Fd connection{::accept(listener_.get(), nullptr, nullptr)};
      if (connection.get() < 0) return;
      std::string request;
      char byte = 0;
      while (!request.ends_with("\r\n\r\n") && ::recv(connection.get(), &byte, 1, 0) == 1) {
        request += byte;
      }
      requests_.push_back(request.substr(0, request.find('\r')));
      const auto& answer =
          answers_[requests_.back().substr(4, requests_.back().find_first_of(" ?", 4) - 4)];
      const auto body = answer.find("\r\n\r\n");
      for (std::size_t sent = 0; sent < answer.size();) {
        const bool hesitates = pause_in_body.count() > 0 && sent > body;
        if (hesitates) std::this_thread::sleep_for(pause_in_body);
        const auto piece = hesitates ? 1 : pause_in_body.count() > 0 ? body + 4 : answer.size();
        const auto more = ::send(connection.get(), answer.data() + sent,
                                 std::min(piece, answer.size() - sent), MSG_NOSIGNAL);
        if (more <= 0) break;
        sent += static_cast<std::size_t>(more);
      }
    }
  }

  std::map<std::string, std::string> answers_;
  std::vector<std::string> requests_;
  os::Fd listener_;
  std::thread thread_;
};

/// An answer of HTTP with that body.
inline std::string http_answer(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace mcq
