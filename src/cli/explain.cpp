#include "cli/explain.hpp"

#include <spdlog/fmt/fmt.h>

#include <CLI/Option.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/explanation.hpp"
#include "cli/interrupt.hpp"
#include "diagnose/capture_reader.hpp"
#include "diagnose/rules.hpp"
#include "os/capture_file.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using diagnose::Finding;

std::optional<wire::LinkLayer> known_layer(int number) {
  using enum wire::LinkLayer;
  for (const auto layer : {kEthernet, kRawIp, kLinuxCooked, kIpv4, kIpv6, kLinuxCooked2}) {
    if (static_cast<int>(layer) == number) return layer;
  }
  return std::nullopt;
}

/// Some errors of libpcap begin with the path of the file, and some do not.
std::string without_path(const std::string& message, const std::string& path) {
  const auto beginning = path + ": ";
  return message.starts_with(beginning) ? message.substr(beginning.size()) : message;
}

Result<Explanation> explain(const std::string& path) {
  auto file = os::CaptureFile::open(path);
  if (!file) return fail(printable(path + ": " + without_path(file.error().message, path)));
  const auto layer = known_layer(file->link_layer());
  if (!layer) {
    return fail(printable(path) + " has frames of " + file->link_layer_name() +
                "; Ethernet, Linux cooked and raw IP can be explained");
  }
  Explanation made;
  diagnose::CaptureReader reader{*layer};
  while (!Interrupt::occurred()) {
    const auto frame = file->next();
    if (!frame && Interrupt::occurred()) break;  // it interrupted the reading
    if (!frame) made.damage = printable(frame.error().message);
    if (!frame || !*frame) break;
    reader.received((*frame)->number, (*frame)->time, (*frame)->bytes);
  }
  made.is_interrupted = Interrupt::occurred();
  made.totals = reader.totals();
  made.links = reader.evidence();
  std::vector<Finding> all;
  for (const auto& link : made.links) {
    made.findings.push_back(diagnose::judge(link));
    all.insert(all.end(), made.findings.back().begin(), made.findings.back().end());
  }
  made.overall = diagnose::classify(made.links, all);
  return made;
}

}  // namespace

void Explain::declare(CLI::App& command) {
  command.description("tell what a capture (pcap, pcapng) shows, and what is wrong in it");
  command.add_option("FILE", file, "capture; - for standard input")->type_name("")->required();
  command.add_flag("--json", json, "print JSON");
}

ExitCode Explain::run(Streams io) const {
  const Interrupt interrupt;
  const auto made = explain(file);
  if (!made) {
    return io.failure(made.error().message,
                      Interrupt::occurred() ? ExitCode::kInterrupted : ExitCode::kNoAnswer);
  }
  io.out << (json ? to_json_text(*made) + "\n" : to_text(*made, file));
  if (made->damage) {
    return io.failure(fmt::format("{} is damaged behind frame {}: {}", printable(file),
                                  made->totals.frames, *made->damage),
                      ExitCode::kNoAnswer);
  }
  if (made->is_interrupted) {
    return io.failure(fmt::format("interrupted: {} was read up to frame {}", printable(file),
                                  made->totals.frames),
                      ExitCode::kInterrupted);
  }
  return made->has_problem() ? ExitCode::kUnhealthy : ExitCode::kOk;
}

}  // namespace mcq::cli
