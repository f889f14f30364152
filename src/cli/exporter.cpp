#include "cli/exporter.hpp"

#include <CLI/Option.hpp>

#include "exporter/exporter.hpp"
#include "monitor/log.hpp"

namespace mcq::cli {

void Exporter::declare(CLI::App& command) {
  command.description("serve metrics for Prometheus and a web page, in the foreground");
  command.add_option("--listen", listen, "address and port to serve (default: 127.0.0.1:9788)")
      ->type_name("ADDRESS:PORT");
  command.add_flag("--allow-remote", allow_remote,
                   "allow an address that other hosts can reach: anybody who reaches it can\n"
                   "read which hosts listen to what");
  command
      .add_option("--host", hosts,
                  "also accept requests for this host name; may be repeated (always accepted:\n"
                  "addresses, localhost, and names of this host)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_flag("--no-names", no_names, "do not look up the names of hosts");
  command
      .add_option("--api-socket", api_socket,
                  std::string{"socket of the daemon (default: "} + kDefaultApiSocket + ")")
      ->type_name("PATH");
}

ExitCode Exporter::run(Streams io) const {
  const auto where = http::parse_listen_address(listen);
  if (!where) return io.failure("--listen " + where.error().message, ExitCode::kWrongUsage);
  if (!http::is_loopback(where->address) && !allow_remote) {
    return io.failure("--listen " + listen +
                          " lets other hosts read which hosts listen to what, without a password; "
                          "give --allow-remote to allow that, or listen at 127.0.0.1",
                      ExitCode::kWrongUsage);
  }
  monitor::start_log(false);
  const auto done = exporter::run_exporter({*where, hosts, api_socket, !no_names});
  monitor::finish_log();
  return done ? ExitCode::kOk : io.failure(done.error().message);
}

}  // namespace mcq::cli
