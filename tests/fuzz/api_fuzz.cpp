#include <arpa/inet.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "answer.hpp"
#include "api/handlers.hpp"
#include "exporter/handlers.hpp"
#include "http/server.hpp"
#include "os/clock.hpp"
#include "peer.hpp"
#include "support/temporary_directory.hpp"

// What anybody may send to the daemon's API and to the exporter, and what comes back: the bytes of
// a connection through the real server. The first byte says to whom, as whom and in which pieces.

namespace mcq::fuzz {
namespace {

using http::Request;
using http::Response;

constexpr Duration kLong = 1h;
constexpr http::ServerTimeouts kPatience{kLong, kLong, kLong, kLong, kLong, kLong};
constexpr auto kHour = std::chrono::hours{1};
constexpr exporter::DaemonPoller::Times kCalm{
    kHour, std::chrono::milliseconds{0}, std::chrono::milliseconds{0}, kHour, kHour, kHour, kHour,
    kHour};

/// The name in a Host header, without the port and a root of all names.
bool is_name_of_ours(std::string host) {
  in6_addr address{};
  if (host.starts_with('[')) {
    return ::inet_pton(AF_INET6, host.substr(1, host.find(']') - 1).c_str(), &address) == 1;
  }
  host = host.substr(0, host.find(':'));
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return true;
  if (host.ends_with('.')) host.pop_back();
  return ::strcasecmp(host.c_str(), "localhost") == 0 ||
         ::strcasecmp(host.c_str(), "querier.lan") == 0;
}

/// A daemon on interfaces with odd names, and an exporter that has read it, in one event loop.
class Servers {
 public:
  Servers() {
    serve(instances_["eth0"].igmp, "eth0");
    serve(instances_["eth0"].mld, "eth0");
    serve(instances_["caf\xe9"].igmp, "caf\xe9");
    serve(instances_["a\"\\b"].igmp, "a\"\\b");
    for (int i = 0; i < 3; ++i) events_.push("noticed", R"({"event":"noticed"})", i == 1);
    daemon_.emplace(start(daemon_path_, &Servers::ask_daemon, ""));
    exporter_.emplace(start(exporter_path_, &Servers::ask_exporter, exporter::kSecurityHeaders));
    bool is_read = false;
    view_.when_fresh(exporter::Depth::kHosts, [&] { is_read = true; });
    for (int i = 0; i < 1000 && !is_read; ++i) turn();
    require(is_read && !view_.state().problem, "the exporter can read the daemon");
    turn();
  }

  void talk(std::uint8_t how, std::string_view text) {
    const bool to_exporter = (how & 1U) != 0, hangs_up = (how & 4U) != 0;
    const auto spare = spare_descriptor();
    is_root_ = (how & 2U) != 0;
    requests_ = 0;
    said_ = 0;
    {
      auto client = Peer::connect(to_exporter ? exporter_path_ : daemon_path_);
      constexpr std::size_t kPieces[] = {8192, 1, 7, 100};
      for (auto rest = text; !rest.empty(); turn()) client.send(take(rest, kPieces[how >> 3 & 3U]));
      if (hangs_up) client.end();
      listen(client, text, to_exporter);
    }
    turn();
    require(spare_descriptor() == spare, "a connection that has ended leaves no descriptor");
  }

 private:
  using Ask = http::Response (Servers::*)(const http::Request&);

  http::Server start(const std::string& path, Ask ask, const char* headers) {
    auto server = http::Server::start(io_, os::ServerSocket::listen(path),
                                      [this, ask](const http::Request& request) {
                                        ++requests_;
                                        auto said = (this->*ask)(request);
                                        said_ = said.status;
                                        return said;
                                      },
                                      events_, {.patience = kPatience, .headers = headers});
    require(server.has_value(), "a server starts");
    return *std::move(server);
  }

  template <Family F>
  void serve(std::unique_ptr<instance::Instance<F>>& instance, const std::string& name) {
    using Environment = typename instance::Instance<F>::Environment;
    instance = std::make_unique<instance::Instance<F>>(
        name, core::Settings<F>{}, Random{1}, Random{2},
        Environment{io_, nullptr, publisher_, std::get<instance::ReceiverPool<F>>(receivers_),
                    schedule_, [] {}},
        os::now());
    instance->interface_changed(nullptr, os::now());
  }

  /// The routes of docs/api.md.
  http::Response ask_daemon(const http::Request& asked) {
    auto request = asked;
    request.is_root = is_root_;
    auto said = api::answer(
        request, instances_, [](int) { return std::string{}; }, started_);
    const auto path = http::path_of(request.target);
    const bool queries = path == "/v1/query", pauses = path == "/v1/pause";
    const bool is_known = queries || pauses || path == "/v1/status" || path == "/v1/groups" ||
                          path == "/v1/hosts" || path == "/v1/bridge-table" || path == "/v1/events";
    const std::string method = queries || pauses ? "POST" : "GET";
    if (!is_known) {
      require(said.status == 404, "there is nothing else");
    } else if (request.method != method) {
      require(said.status == 405 && said.allow == method, "a path has one method");
    } else if (queries) {
      require(said.status == 400 || said.status == (is_root_ ? 409 : 403),
              "only root may request a query, and here nobody can send one");
    } else if (pauses && !is_root_) {
      require(said.status == 400 || said.status == 403, "only root may pause the queries");
    } else if (pauses) {
      require(said.status == 200 || said.status == 400 || said.status == 409,
              "a pause is given, refused, or there already");
    } else {
      require(said.status == 200 || said.status == 400, "what is asked for is given or refused");
    }
    return said;
  }

  http::Response ask_exporter(const http::Request& request) {
    auto said = answers_.answer(request);
    if (!is_name_of_ours(request.host)) {
      require(said.status == 400 || said.status == 421, "a foreign name is refused");
    }
    if (request.method != "GET") require(said.status != 200, "nothing but GET is done");
    require(said.status != 403 && said.status != 409, "there is nothing that only some may do");
    return said;
  }

  void turn() {
    do {
      io_.restart();
    } while (io_.poll() > 0);
  }

  /// Takes the answer to its end. A stream of events has none until its reader leaves.
  void listen(Peer& client, std::string_view text, bool to_exporter) {
    turn();
    client.receive();
    client.end();
    for (int i = 0; i < 10'000 && !client.is_closed(); ++i) {
      turn();
      client.receive();
    }
    require(client.is_closed(), "every answer comes to an end");
    require(requests_ <= 1, "a connection has one request");
    require(requests_ == 0 || text.find('\n') != text.npos, "a request ends with its headers");
    if (client.receive().empty()) return require(requests_ == 0, "a request is answered");
    const Answer answer{client.receive()};
    check_answer(answer);
    require(answer.status != 500, "every answer can be made");
    require(requests_ == 1 ? answer.status == said_
                           : answer.status == 400 || answer.status == 413 || answer.status == 431,
            "what is no request is refused");
    require(!to_exporter || answer.headers.contains("Content-Security-Policy"),
            "browsers are always told what they may do");
  }

  static int spare_descriptor() { return os::Fd{::dup(STDERR_FILENO)}.get(); }

  TemporaryDirectory directory_;
  const std::string daemon_path_ = directory_ / "api", exporter_path_ = directory_ / "exporter";
  boost::asio::io_context io_{1};
  http::EventStream events_;
  monitor::EventPublisher publisher_{events_};
  std::tuple<instance::ReceiverPool<Igmp>, instance::ReceiverPool<Mld>> receivers_{io_, io_};
  instance::Schedule schedule_{[](auto, auto) {}};
  instance::InstanceTable instances_;
  const TimePoint started_ = os::now();
  exporter::History history_;
  exporter::DaemonPoller view_{io_, daemon_path_, kCalm};
  exporter::RequestHandlers answers_{
      view_,
      history_,
      {"localhost", "Querier.lan"},
      [] { return std::vector<std::string>{}; },
      [](const std::string&) { return std::string{"host\x1b.lan"}; }};
  bool is_root_ = false;
  int requests_ = 0, said_ = 0;
  std::optional<http::Server> daemon_, exporter_;
};

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static mcq::fuzz::Servers servers;
  if (size == 0) return 0;
  servers.talk(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
