#include "cli/open_socket.hpp"

#include "app/daemon.hpp"
#include "app/service_manager.hpp"
#include "os/host_socket.hpp"

namespace mcq::cli {

void OpenSocket::declare(CLI::App& command) {
  command.description(
      "open the socket that reaches this host and leave it with systemd (for the unit)");
}

ExitCode OpenSocket::run(Streams io) const {
  const auto socket = os::HostSocket::open();
  if (!socket) return io.failure(socket.error().message);
  const auto left = app::service_manager::leave(app::kHostSocketName, socket->fd());
  if (!left) return io.failure(left.error().message);
  return ExitCode::kOk;
}

}  // namespace mcq::cli
