#include <fcntl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/check_config.hpp"
#include "cli/doctor.hpp"
#include "cli/events.hpp"
#include "cli/explain.hpp"
#include "cli/exporter.hpp"
#include "cli/groups.hpp"
#include "cli/hosts.hpp"
#include "cli/open_socket.hpp"
#include "cli/probe.hpp"
#include "cli/run.hpp"
#include "cli/soak.hpp"
#include "cli/status.hpp"
#include "cli/watch.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace {

using mcq::cli::ExitCode;

/// The arguments, with `run` before options without a command, and with options in place of the
/// words `help` and `version`.
std::vector<std::string> arguments(int argc, char** argv) {
  std::vector<std::string> all{argv + 1, argv + argc};
  if (all.empty()) return all;
  const auto is_general = [](const std::string& a) {
    return a == "--version" || a == "-V" || a == "--help" || a == "-h";
  };
  if (all[0] == "version") all[0] = "--version";
  if (all[0] == "help") {
    all.erase(all.begin());
    all.resize(std::min<std::size_t>(all.size(), 1));
    if (!all.empty() && (all[0] == "help" || all[0] == "version")) all.clear();
    all.emplace_back("--help");
  }
  if (all[0].starts_with('-') && !is_general(all[0])) all.insert(all.begin(), "run");
  return all;
}

/// All subcommands with their options.
class Commands {
 public:
  void declare(CLI::App& app) {
    for_each([&](const char* name, auto& command) { command.declare(*app.add_subcommand(name)); });
  }
  ExitCode run(const std::string& chosen, mcq::cli::Streams io) {
    auto code = ExitCode::kWrongUsage;
    for_each([&](const char* name, auto& command) {
      if (name == chosen) code = command.run(io);
    });
    return code;
  }

 private:
  /// In the order that --help lists them.
  template <class Use>
  void for_each(Use use) {
    use("run", run_);
    use("status", status_);
    use("groups", groups_);
    use("hosts", hosts_);
    use("watch", watch_);
    use("events", events_);
    use("doctor", doctor_);
    use("explain", explain_);
    use("probe", probe_);
    use("soak", soak_);
    use("exporter", exporter_);
    use("check-config", check_config_);
    use("open-socket", open_socket_);
  }

  mcq::cli::Run run_;
  mcq::cli::Status status_;
  mcq::cli::Groups groups_;
  mcq::cli::Hosts hosts_;
  mcq::cli::Watch watch_;
  mcq::cli::Events events_;
  mcq::cli::Doctor doctor_;
  mcq::cli::Explain explain_;
  mcq::cli::Probe probe_;
  mcq::cli::Soak soak_;
  mcq::cli::Exporter exporter_;
  mcq::cli::CheckConfig check_config_;
  mcq::cli::OpenSocket open_socket_;
};

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::string no_command(const std::string& given, const std::vector<std::string>& names) {
  const auto meant = mcq::text::suggestion(given, names);
  return "'" + mcq::printable(given) + "' is not a command; " +
         (meant.empty() ? "see igmp-querier --help" : "did you mean " + meant + "?");
}

/// Reads the options of the command that the arguments name, and returns its name, or the exit
/// status of the program when none is to run. What describes all commands is gone then: a daemon
/// needs its memory for better things.
mcq::Result<std::string, ExitCode> choose(Commands& commands, int argc, char** argv,
                                          mcq::cli::Streams io) {
  CLI::App app{
      "IGMP and MLD querier for LANs with snooping switches.\n"
      "Options without a command are options of run. igmp-querier help COMMAND explains a command.",
      "igmp-querier"};
  app.set_version_flag("-V,--version", "igmp-querier " IGMP_QUERIER_VERSION);
  app.require_subcommand(1);
  commands.declare(app);
  auto all = arguments(argc, argv);
  if (all.empty()) {  // not `run`: trying the program must not start a querier on the LAN
    io.err << app.help();
    return mcq::fail(ExitCode::kWrongUsage);
  }
  const auto first = all[0];
  const bool is_command = !first.starts_with('-');
  const auto names = names_of(app);
  if (is_command && std::find(names.begin(), names.end(), first) == names.end()) {
    return mcq::fail(io.failure(no_command(first, names), ExitCode::kWrongUsage));
  }
  try {
    std::reverse(all.begin(), all.end());  // as parse() requires
    app.parse(all);
  } catch (const CLI::Success& request) {  // --help, --version
    app.exit(request, io.out, io.err);
    return mcq::fail(ExitCode::kOk);
  } catch (const CLI::ParseError& error) {
    const auto help = "; see igmp-querier " + (is_command ? first + " " : std::string{}) + "--help";
    return mcq::fail(io.failure(error.what() + help, ExitCode::kWrongUsage));
  }
  return app.get_subcommands().front()->get_name();
}

ExitCode run(int argc, char** argv, mcq::cli::Streams io) {
  Commands commands;
  const auto chosen = choose(commands, argc, argv, io);
  return chosen ? commands.run(*chosen, io) : chosen.error();
}

/// Opens closed standard descriptors on /dev/null. Otherwise a socket could get the number of one,
/// and receive the log.
void occupy_standard_descriptors() {
  int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::dup(fd);
  if (fd > STDERR_FILENO) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  const mcq::cli::Streams io{std::cout, std::cerr};
  try {
    const auto code = run(argc, argv, io);
    if (code == ExitCode::kOk && !std::cout.flush()) {
      return static_cast<int>(io.failure("cannot write to standard output"));
    }
    return static_cast<int>(code);
  } catch (const std::exception& error) {  // such as std::bad_alloc
    return static_cast<int>(io.failure(error.what()));
  }
}
