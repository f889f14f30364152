#include "cli/doctor.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

#include "base/family.hpp"
#include "cli/diagnosis.hpp"
#include "cli/interrupt.hpp"
#include "os/clock.hpp"
#include "os/machine_name.hpp"
#include "os/system_error.hpp"
#include "text/printable.hpp"
#include "text/redacted.hpp"
#include "text/tar.hpp"

namespace mcq::cli {
namespace {

/// The line that tells how far the listening is; only on a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& out) : out_(out), is_on_(::isatty(STDERR_FILENO) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    if (is_on_ && second_ >= 0) out_ << "\r\033[K" << std::flush;
  }
  void show(const doctor::Progress& progress) {
    const auto second = std::chrono::floor<std::chrono::seconds>(progress.listened).count();
    if (!is_on_ || second == second_) return;
    second_ = second;
    out_ << fmt::format("\rlistening for {} s of at most {} s: queries {}, reports {}\033[K",
                        second, std::chrono::floor<std::chrono::seconds>(progress.at_most).count(),
                        progress.queries, progress.reports)
         << std::flush;
  }

 private:
  std::ostream& out_;
  bool is_on_;
  std::int64_t second_ = -1;
};

Duration of_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

/// Writes what was found as an archive.
Result<Ok> write_bundle(std::ofstream& file, const doctor::Checkup& checkup, bool is_full) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(os::wall_clock_now().time_since_epoch())
          .count();
  const auto name = os::machine_name();
  const auto add = [&](const std::string& entry, const std::string& contents) {
    file << text::tar_entry("igmp-querier-doctor/" + entry,
                            is_full ? contents : text::redacted(contents, name),
                            static_cast<std::uint64_t>(seconds));
  };
  add("doctor.txt", to_text(checkup));
  add("doctor.json", to_json_text(checkup) + "\n");
  if (checkup.survey.ruleset) add("firewall.json", checkup.survey.ruleset->dump(2) + "\n");
  add("version.txt", "igmp-querier " IGMP_QUERIER_VERSION "\n" + (is_full ? name + "\n" : ""));
  file << text::tar_end();
  if (!file.flush()) return os::system_failure("cannot write the bundle");
  return Ok{};
}

bool has_problem(const doctor::Checkup& checkup) {
  return std::any_of(checkup.findings.begin(), checkup.findings.end(), [](const auto& finding) {
    return finding.severity == diagnose::Severity::kProblem;
  });
}

ExitCode code_of(const doctor::Checkup& checkup) {
  if (checkup.is_interrupted) return ExitCode::kInterrupted;
  if (has_problem(checkup)) return ExitCode::kUnhealthy;
  const bool has_looked = checkup.has_listened || checkup.survey.daemon.answers;
  return has_looked ? ExitCode::kOk : ExitCode::kNoAnswer;
}

}  // namespace

void Doctor::declare(CLI::App& command) {
  command.description("find out what is wrong with multicast on this host and its LAN");
  command.add_option("GROUP", group, "follow this stream: who sends it, who joined, who answers")
      ->type_name("");
  command.add_option("-i,--interface", interfaces, "look at this interface alone (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  constexpr double kLongest = 86'400;
  command
      .add_option("--listen", listen,
                  "listen for S seconds, instead of until all is known (130 at most)")
      ->type_name("S")
      ->check(CLI::Range(0.1, kLongest));
  command
      .add_option("--switch-memory", switch_memory,
                  "how long the switch remembers a member, as soak measured it (default: 260)")
      ->type_name("S")
      ->check(CLI::Range(1.0, kLongest));
  command.add_flag("--active", active,
                   "also ask one General Query where no querier is heard; needs root");
  command.add_flag("--json", json, "print JSON");
  command
      .add_option("--bundle", bundle,
                  "write an archive (tar) to send to somebody, without names and whole addresses")
      ->type_name("FILE");
  command.add_flag("--full", full, "the archive has names and whole addresses");
  command.add_option("--api-socket", socket, "socket of the daemon")
      ->type_name("PATH")
      ->capture_default_str();
}

ExitCode Doctor::run(Streams io) const {
  doctor::Request request;
  request.interfaces = interfaces;
  request.is_active = active;
  request.socket = socket;
  if (listen > 0) request.listen = of_seconds(listen);
  if (switch_memory > 0) request.switch_memory = of_seconds(switch_memory);
  if (!group.empty()) {
    request.group = parse_address(group);
    const bool is_group =
        request.group &&
        std::visit([](const auto& address) { return is_multicast(address); }, *request.group);
    if (!is_group) {
      return io.failure("'" + printable(group) +
                            "' is no multicast address: a group of IPv4 is in "
                            "224.0.0.0/4, one of IPv6 in ff00::/8",
                        ExitCode::kWrongUsage);
    }
    const bool is_flooded = !std::visit(
        [](const auto& address) {
          if constexpr (sizeof address.bytes == 4) return Igmp::is_tracked(address);
          return (address.bytes[1] & 0x0f) > 2;  // beyond the link-local scope (RFC 4291 §2.7)
        },
        *request.group);
    if (is_flooded) {
      return io.failure(group + " goes to every port of every switch: no querier matters to it",
                        ExitCode::kWrongUsage);
    }
  }
  std::ofstream file;
  if (!bundle.empty()) {  // before the listening, which takes long
    file.open(bundle, std::ios::binary | std::ios::trunc);
    if (!file) {
      return io.failure(os::system_failure("cannot write " + printable(bundle)).error.message,
                        ExitCode::kNoAnswer);
    }
  }
  const auto checkup = [&] {
    const Interrupt interrupt;
    ProgressLine line{io.err};
    return doctor::examine(request, [&](const doctor::Progress& progress) {
      line.show(progress);
      return !Interrupt::occurred();
    });
  }();
  if (!checkup) return io.failure(checkup.error().message, ExitCode::kNoAnswer);
  io.out << (json ? to_json_text(*checkup) + "\n" : to_text(*checkup)) << std::flush;
  if (file.is_open()) {
    if (const auto written = write_bundle(file, *checkup, full); !written) {
      return io.failure(written.error().message, ExitCode::kNoAnswer);
    }
  }
  return code_of(*checkup);
}

}  // namespace mcq::cli
