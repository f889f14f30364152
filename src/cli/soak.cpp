#include "cli/soak.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <csignal>
#include <random>
#include <utility>
#include <vector>

#include "cli/confirm_pause.hpp"
#include "cli/daemon_pause.hpp"
#include "cli/report_file.hpp"
#include "cli/soak_progress.hpp"
#include "cli/soak_settings.hpp"
#include "os/clock.hpp"
#include "os/stop_signals.hpp"
#include "soak/json.hpp"
#include "soak/report.hpp"
#include "soak/session.hpp"
#include "soak/text.hpp"
#include "soak/verdict.hpp"
#include "text/utc_time.hpp"

namespace mcq::cli {
namespace {

std::uint64_t random_number() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

ExitCode interrupted_by(int signal) {
  return signal == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted;
}

ExitCode code_of(const soak::Reception& result, const soak::Verdict& verdict) {
  if (result.interrupted_by != 0) return interrupted_by(result.interrupted_by);
  if (verdict.outcome == soak::Outcome::kNothing) return ExitCode::kNoAnswer;
  return verdict.outcome == soak::Outcome::kWhole ? ExitCode::kOk : ExitCode::kUnhealthy;
}

SoakView view_of(const soak::Sender& sender, TimePoint now) {
  return {.elapsed = now - sender.begun(),
          .total = sender.plan().duration,
          .packets = sender.sent(),
          .details = sender.failed() > 0 ? fmt::format(", {} refused", sender.failed()) : ""};
}

SoakView view_of(const soak::Receiver& receiver, bool with_plot, TimePoint now) {
  const auto& measurement = receiver.measurement();
  SoakView view{.elapsed = now - receiver.joined(), .total = receiver.end() - receiver.joined()};
  if (!measurement.has_begun()) {
    view.details = ", waiting for the sender";
    return view;
  }
  view.packets = measurement.received();
  view.details = fmt::format(", {} lost", measurement.lost());
  view.rate = measurement.plan().rate;
  if (with_plot) view.seconds = measurement.seconds(now);
  return view;
}

SoakView view_of(const soak::Session& session, bool with_plot, TimePoint now) {
  if (session.receiver()) return view_of(*session.receiver(), with_plot, now);
  return view_of(*session.sender(), now);
}

/// Opens what `settings` need. The sockets of the receiver come first: no packet is missed.
Result<soak::Session> open(const SoakSettings& settings, soak::Session::Callbacks callbacks) {
  std::optional<soak::Receiver> receiver;
  if (settings.receive_on) {
    auto opened = soak::Receiver::open({.group = settings.group_on(*settings.receive_on),
                                        .duration = settings.limit,
                                        .takes_own = settings.send_on.has_value()},
                                       os::now());
    if (!opened) return fail(std::move(opened).error());
    receiver.emplace(*std::move(opened));
  }
  std::optional<soak::Sender> sender;
  if (settings.send_on) {
    auto opened = os::MulticastSender::open(settings.group_on(*settings.send_on));
    if (!opened) return fail(std::move(opened).error());
    sender.emplace(*std::move(opened), settings.plan, random_number(), os::now());
  }
  return soak::Session{std::move(sender), std::move(receiver), std::move(callbacks)};
}

/// Has the daemon of this host pause its queries, if the user confirms it.
Result<std::vector<DaemonPause>> pause_daemon(const Soak& options, const SoakSettings& settings,
                                              Streams io) {
  std::vector<DaemonPause> pauses;
  std::string refusal;
  for (const auto& name : settings.interfaces()) {
    if (auto agreed = confirm_pause(name, settings.longest(), options.yes, io); !agreed) {
      return fail(std::move(agreed).error());
    }
    auto pause = DaemonPause::begin(options.socket, name, settings.longest());
    if (!pause) {
      refusal = pause.error().message;
    } else {
      pauses.push_back(*std::move(pause));
    }
  }
  if (pauses.empty()) return fail(refusal);  // one of two interfaces may not be the daemon's
  return pauses;
}

/// The result of a command that only sends.
ExitCode told_sent(const soak::Sender& sender, int signal, bool json, Streams io) {
  const auto duration = os::now() - sender.begun();
  if (json) {
    io.out << text::Json{{"sent", sender.sent()},
                         {"refused", sender.failed()},
                         {"duration", text::seconds(duration)},
                         {"interrupted", signal != 0}}
                  .dump(2)
           << "\n";
  } else {
    io.out << fmt::format("sent {} packets in {:.1f} s{}\n", sender.sent(),
                          std::chrono::duration<double>(duration).count(),
                          signal != 0 ? "; interrupted" : "");
  }
  return signal != 0 ? interrupted_by(signal) : ExitCode::kOk;
}

}  // namespace

void Soak::declare(CLI::App& command) {
  command.description("measure with a test stream whether the LAN keeps multicast alive");
  command.add_option("MODE", mode, "send, on one host, or receive, on another")
      ->type_name("")
      ->check(CLI::IsMember({"send", "receive"}));
  command.add_option("-i,--interface", interface, "interface; default: that of the default route")
      ->type_name("NAME");
  command
      .add_option("--between", between, "send on one interface of this host, receive on another")
      ->type_name("NAME NAME")
      ->expected(2);
  command.add_option("-g,--group", group, "multicast group, IPv4 or IPv6")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command.add_option("-p,--port", port, "UDP port")
      ->type_name("N")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  command.add_option("--rate", rate, "packets to send per second; default 50")->type_name("N");
  command
      .add_option("--duration", duration,
                  "as in 600, 90s, 10m or 1h; default 10m, and what the sender plans to receive")
      ->type_name("TIME");
  command.add_option("--every", every, "time between two lines of progress; default 1m")
      ->type_name("TIME");
  command.add_option("--report", report, "write a page with the result and its plot")
      ->type_name("FILE");
  command.add_flag("--json", json, "print JSON");
  command.add_flag("--without-querier", without_querier,
                   "have the igmp-querier of this host pause its queries meanwhile");
  command.add_flag("--yes", yes, "pause without asking for confirmation");
  command.add_option("--api-socket", socket, "socket of the daemon")
      ->type_name("PATH")
      ->capture_default_str();
  command.add_flag("--no-progress", no_progress, "no bar and no plot: a line from time to time");
}

ExitCode Soak::run(Streams io) const {
  const auto settings = soak_settings(*this);
  if (!settings) return io.failure(settings.error().message, ExitCode::kWrongUsage);
  const bool is_terminal = ::isatty(json ? STDERR_FILENO : STDOUT_FILENO) == 1 && !no_progress;
  using Style = SoakProgress::Style;
  const auto style = is_terminal ? Style::kTerminal : json ? Style::kNone : Style::kLines;
  SoakProgress progress{json ? io.err : io.out, style, settings->every};
  const auto notice = [&](const std::string& message) {
    progress.clear();
    io.failure(message);
  };
  const auto show = [&](const soak::Session& session, TimePoint now) {
    if (progress.is_due(now)) progress.show(view_of(session, is_terminal, now));
    return progress.due();
  };
  std::vector<DaemonPause> pauses;
  if (without_querier) {
    auto paused = pause_daemon(*this, *settings, io);
    if (!paused) return io.failure(paused.error().message, ExitCode::kNoAnswer);
    pauses = *std::move(paused);
  }
  auto signals = os::StopSignals::open();
  if (!signals) return io.failure(signals.error().message, ExitCode::kNoAnswer);
  auto session = open(*settings, {.notice = notice, .progress = show});
  if (!session) return io.failure(session.error().message, ExitCode::kNoAnswer);
  std::optional<ReportFile> file;
  if (report) {
    auto opened = ReportFile::open(*report);
    if (!opened) return io.failure(opened.error().message, ExitCode::kNoAnswer);
    file.emplace(*std::move(opened));
  }
  progress.start(os::now());
  const auto ended = session->run(*signals);
  if (is_terminal) progress.show(view_of(*session, true, os::now()));  // stays
  if (!ended) return io.failure("cannot send: " + ended.error().message, ExitCode::kNoAnswer);
  if (!session->receiver()) return told_sent(*session->sender(), *ended, json, io);

  auto result = session->receiver()->measurement().finish(os::now());
  result.interrupted_by = *ended;
  const auto verdict = soak::judge(result);
  io.out << (json ? text::dump(soak::to_json(settings->place(), result, verdict)) + "\n"
                  : soak::to_text(result, verdict))
         << std::flush;
  if (file) {
    const auto page = soak::report(settings->place(), result, verdict, text::utc_time());
    if (auto written = file->write(page); !written) {
      return io.failure(written.error().message, ExitCode::kNoAnswer);
    }
  }
  return code_of(result, verdict);
}

}  // namespace mcq::cli
