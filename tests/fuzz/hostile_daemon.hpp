#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "events.hpp"
#include "peer.hpp"
#include "support/temporary_directory.hpp"

// A daemon that says whatever the input makes it say.

namespace mcq::fuzz {

/// All values in it, the whole one first.
inline void collect(nlohmann::json& value, std::vector<nlohmann::json*>& all) {
  all.push_back(&value);
  if (value.is_structured()) {
    for (auto& inner : value) collect(inner, all);
  }
}

/// What no daemon of ours would say there.
inline nlohmann::json odd_value(Reader& in) {
  using nlohmann::json;
  auto nested = json::array();
  switch (in.byte() % 20) {
    case 0:
      return nullptr;
    case 1:
      return true;
    case 2:
      return -1;
    case 3:
      return in.number();
    case 4:
      return 1e308;
    case 5:
      return 0xffff'ffff'ffff'ffffU;
    case 6:
      return 0.0004;
    case 7:
      return "";
    case 8:
      return "eth1";
    case 9:
      return "a\"\\\n\r\x1b[31m\x7f\xe2\x80\xae";
    case 10:
      return "caf\xe9";
    case 11:
      return std::string(300, 'x');
    case 12:
      return "ff02::fb";
    case 13:
      return "239.128.0.1";
    case 14:
      return json::array();
    case 15:
      return json::object();
    case 16:
      return json::array({1, "a", nullptr, json::object()});
    case 17:
      return json{{"address", 1}, {"interface-name", json::array()}, {"total", -1}};
    case 18:
      return std::string(1, static_cast<char>(in.byte()));
    default:
      break;
  }
  for (int depth = in.within(1, 60); depth > 0; --depth) nested = json::array({std::move(nested)});
  return nested;
}

/// Changes some of the values in an answer.
inline void spoil(nlohmann::json& answer, Reader& in) {
  for (int changes = in.within(0, 3); changes > 0; --changes) {
    std::vector<nlohmann::json*> all;
    collect(answer, all);
    auto& value = *all[static_cast<std::size_t>(in.number()) % all.size()];
    const auto how = in.byte() % 4;
    if (how == 0 && value.is_structured() && !value.empty()) {
      value.erase(value.begin());
    } else if (how == 1 && value.is_array() && !value.empty()) {
      value.insert(value.end(), value.front());  // twice the same
    } else if (how == 2) {
      auto copy = *all[static_cast<std::size_t>(in.number()) % all.size()];  // may hold the value
      value = std::move(copy);
    } else {
      value = odd_value(in);
    }
  }
}

/// Serves a socket from within the event loop of its client.
class HostileDaemon {
 public:
  /// What is said to a request of that path.
  using Say = std::function<std::string(const std::string& path)>;

  explicit HostileDaemon(boost::asio::io_context& io) : io_(io), listener_(Peer::make_socket()) {
    const auto name = Peer::name_of(path);
    require(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
                ::listen(listener_.get(), 5) == 0,
            "a socket can be made");
  }

  /// Lets clients talk to it until that is over. It hangs up when all is said.
  void serve(std::size_t piece, const Say& say, const std::function<bool()>& is_over) {
    for (int turns = 0; !is_over(); ++turns) {
      require(turns < 1000, "whoever asks gets to an end");
      turn();
      os::Fd accepted{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (accepted.get() < 0) continue;
      Peer client{std::move(accepted)};
      turn();
      const auto& request = client.receive();
      require(request.starts_with("GET /") && request.ends_with("\r\n\r\n"),
              "a client asks in one piece");
      const auto said = say(request.substr(4, request.find_first_of(" ?", 4) - 4));
      for (std::string_view rest = said; !rest.empty(); turn()) client.send(take(rest, piece));
    }
  }
  void turn() {
    do {
      io_.restart();
    } while (io_.poll() > 0);
  }

 private:
  TemporaryDirectory directory_;
  boost::asio::io_context& io_;
  os::Fd listener_;

 public:
  const std::string path = directory_ / "api";
};

inline std::string in_http(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// On one line, whatever it is.
inline std::string text_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore);
}

}  // namespace mcq::fuzz
