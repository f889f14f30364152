#include "cli/open_socket.hpp"

#include "os/host_socket.hpp"
#include "os/systemd.hpp"
#include "process/notifier.hpp"
#include "process/startup.hpp"

namespace mcq::cli {

void OpenSocket::declare(CLI::App& command) {
  command.description(
      "open the sockets for queries to this host, and leave them with systemd (for the service)");
}

ExitCode OpenSocket::run(Streams io) const {
  const auto sockets = os::HostSockets::open();
  if (!sockets) return io.failure(sockets.error().message);
  const auto left = os::store_socket(process::kHostSocketName, sockets->igmp.fd());
  if (!left) return io.failure(left.error().message);
  if (sockets->mld) {
    const auto left6 = os::store_socket(process::kHostSocket6Name, sockets->mld->fd());
    if (!left6) return io.failure(left6.error().message);
  }
  return ExitCode::kOk;
}

}  // namespace mcq::cli
