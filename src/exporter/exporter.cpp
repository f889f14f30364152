#include "exporter/exporter.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <variant>

#include "exporter/daemon_poller.hpp"
#include "exporter/handlers.hpp"
#include "exporter/history.hpp"
#include "exporter/own_names.hpp"
#include "http/server.hpp"
#include "os/clock.hpp"
#include "os/host_names.hpp"
#include "os/sandbox.hpp"
#include "process/log_retry.hpp"
#include "process/notifier.hpp"
#include "process/signals.hpp"
#include "process/startup.hpp"
#include "process/timer.hpp"

namespace mcq::exporter {
namespace {

/// The exporter process: one thread and one event loop.
class Exporter {
 public:
  explicit Exporter(const ExporterOptions& options)
      : options_(options),
        poller_(io_, options.api_socket),
        handlers_(
            poller_, history_, options.hosts, [] { return own_names(); }, name_of()) {}

  Result<Ok> run() {
    const auto listen = [&](const auto& address) {
      return os::ServerSocket::listen(address, options_.listen.port);
    };
    const auto handler = [this](const http::Request& request) { return handlers_.answer(request); };
    auto server = http::Server::start(io_, std::visit(listen, options_.listen.address), handler,
                                      events_, {.patience = {}, .headers = kSecurityHeaders});
    if (!server) return fail(std::move(server).error());
    poller_.on_state = [this] { on_state(); };
    poller_.on_event = [this](const auto& event) { on_event(event); };
    events_.on_follow = [this] { poller_.watch_closely(events_.followers() > 0); };
    if (auto confined = confine(); !confined) return confined;
    spdlog::info("Serving metrics and the web page at http://{}/", to_string(options_.listen));
    poller_.start();
    sample();
    service_manager_.ready();
    io_.run();
    service_manager_.stopping();
    events_.on_follow = nullptr;  // the destructor of `server` ends the followers
    return Ok{};
  }

 private:
  /// AF_UNIX: each reading connects to the daemon. The resolver's threads ask name servers.
  Result<Ok> confine() const {
    const auto account = os::lesser_account();
    if (!options_.has_names) return process::confine(account, os::Privilege::kNone, {AF_UNIX});
    auto dropped = process::drop_privileges(account, os::Privilege::kNone);
    if (!dropped) return dropped;
    load_resolver();
    process::limit_system_calls({AF_UNIX, AF_INET, AF_INET6}, os::Threads::kNew);
    return Ok{};
  }

  /// Has the C library load what nsswitch.conf names, while it may: the lookup goes through all of
  /// it, since no host has this address (RFC 5737). Its thread may outlast this call.
  static void load_resolver() {
    os::HostNames names{os::resolve_host_name, {.addresses = 1, .threads = 1}};
    names.find(Ipv4Address{{192, 0, 2, 1}});
    names.wait(kLoadTime);
  }

  RequestHandlers::NameOf name_of() {
    if (!options_.has_names) return [](const std::string&) { return ""; };
    return [this](const std::string& text) {
      const auto address = parse_address(text);
      return address ? names_.find(*address) : "";
    };
  }

  void on_state() {
    events_.push("state", R"({"id":)" + std::to_string(poller_.state().id) + "}");
    const auto& problem = poller_.state().problem;
    if (problem == told_) return;
    problem ? spdlog::warn("{}", *problem) : spdlog::info("the daemon answers");
    told_ = problem;
  }

  void on_event(const nlohmann::json& event) { events_.push("happening", history_.add(event)); }

  /// Takes a sample for the history and schedules the next one.
  void sample() {
    poller_.when_fresh(Depth::kStatus, [this] {
      const auto now = os::wall_clock_now().time_since_epoch();
      history_.sample(poller_.state().status,
                      std::chrono::duration_cast<std::chrono::seconds>(now).count());
      events_.push("sample", "{}");
    });
    next_sample_.start(History::kInterval, [this] { sample(); });
  }

  static constexpr std::chrono::milliseconds kLoadTime{500};  ///< most of it

  const ExporterOptions& options_;
  boost::asio::io_context io_{1};
  process::LogRetry log_retry_{io_};
  process::Notifier service_manager_{io_};
  process::Signals signals_{io_, {SIGINT, SIGTERM}, [this](int) { io_.stop(); }};
  process::Timer next_sample_{io_};
  http::EventStream events_;
  History history_;
  os::HostNames names_;
  DaemonPoller poller_;
  RequestHandlers handlers_;
  std::optional<std::string> told_;
};

}  // namespace

Result<Ok> run_exporter(const ExporterOptions& options) { return Exporter{options}.run(); }

}  // namespace mcq::exporter
