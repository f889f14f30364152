#include "daemon/daemon.hpp"

#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "api/handlers.hpp"
#include "base/paths.hpp"
#include "monitor/log.hpp"
#include "os/sandbox.hpp"
#include "os/socket_remover.hpp"
#include "os/systemd.hpp"
#include "process/startup.hpp"

namespace mcq::daemon {

Result<Ok> Daemon::run(const config::RunOptions& options, const config::Config& config) {
  os::use_raw_sockets();
  auto descriptors = InstanceManager::Descriptors::open();
  if (!descriptors) return fail(std::move(descriptors).error());
  const auto account = os::lesser_account();
  try {
    Daemon daemon{options, config, *std::move(descriptors)};
    if (auto checked = daemon.manager_.check_interfaces(config); !checked) return checked;
    daemon.catch_signals();
    const auto* sudo_gid = std::getenv("SUDO_GID");  // NOLINT(concurrency-mt-unsafe)
    auto owner = account;
    if (owner) owner = os::socket_owner(*owner, sudo_gid == nullptr ? std::string{} : sudo_gid);
    if (auto opened = daemon.open_api(owner); !opened) return opened;
    auto confined =
        process::confine(account, os::Privilege::kRawSockets, {AF_PACKET, AF_NETLINK, AF_UNIX});
    if (!confined) return confined;
    daemon.options_.wait = true;  // from now on, missing interfaces may appear
    daemon.loop();
  } catch (const boost::system::system_error& error) {
    return fail(std::string{"the event loop failed: "} + error.what());
  }
  return Ok{};
}

Daemon::Daemon(const config::RunOptions& options, const config::Config& config,
               InstanceManager::Descriptors descriptors)
    : options_(options),
      started_on_terminal_(::isatty(STDERR_FILENO) == 1),
      manager_(io_, options_, config, std::move(descriptors), publisher_, service_manager_) {
  options_.wait = options_.wait || monitor::under_systemd();
}

/// Opens the API socket. Fails only for a socket that the options name: without the default one,
/// the daemon still queries.
Result<Ok> Daemon::open_api(const std::optional<os::Account>& owner) {
  const std::string path = options_.api_socket.value_or(kDefaultApiSocket);
  const bool is_asked_for = options_.api_socket.has_value();
  std::error_code none;
  const auto directory = std::filesystem::path{path}.parent_path();
  if (!is_asked_for && !std::filesystem::is_directory(directory, none)) return Ok{};
  const auto handler = [this](const http::Request& request) {
    const auto name_of = [this](int index) { return manager_.interface_name(index); };
    return api::answer(request, manager_.instances(), name_of, started_);
  };
  auto server = http::Server::start(io_, os::ServerSocket::listen(path, owner), handler, events_);
  if (!server && is_asked_for) return fail(std::move(server).error());
  if (server) {
    api_.emplace(*std::move(server));
    if (!owner || os::can_remove(path, *owner)) return Ok{};
    auto remover = os::remove_at_end(path);
    if (!remover) return fail(std::move(remover).error());
    socket_remover_ = *std::move(remover);
  } else {
    spdlog::warn("the API is not available: {}", server.error().message);
  }
  return Ok{};
}

/// Call before the API opens: whoever sees it may already send a signal.
void Daemon::catch_signals() {
  signals_.emplace(io_, std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP},
                   [this](int signal) { on_signal(signal); });
}

void Daemon::loop() {
  manager_.start();
  service_manager_.ready();
  ::malloc_trim(0);  // options, file and system call filter took more than the loop needs
  on_watchdog();
  io_.run();
  stop();
}

void Daemon::on_signal(int signal) {
  const bool terminal_closed = started_on_terminal_ && ::isatty(STDERR_FILENO) == 0;
  signal != SIGHUP || terminal_closed ? io_.stop() : reload();
}

void Daemon::on_watchdog() {
  const auto interval = os::watchdog_interval();
  if (!interval) return;
  service_manager_.alive();
  watchdog_.start(*interval, [this] { on_watchdog(); });
}

void Daemon::reload() {
  service_manager_.reloading();
  auto config = config::load_config_or_default(options_.config_file);
  auto checked = config ? config::check(options_, *config) : Result<Ok>{fail(config.error())};
  if (checked) checked = manager_.check_interfaces(*config);
  if (checked) {
    manager_.reload(*std::move(config));
    publisher_.publish(
        {.kind = monitor::EventKind::kReloaded, .message = "configuration reloaded"});
  } else {
    publisher_.publish(
        {.kind = monitor::EventKind::kFailed,
         .priority = monitor::Priority::kError,
         .message = "configuration not reloaded, nothing has changed: " + checked.error().message});
  }
  service_manager_.ready();
}

void Daemon::stop() {
  service_manager_.stopping();
  manager_.stop();
}

}  // namespace mcq::daemon
