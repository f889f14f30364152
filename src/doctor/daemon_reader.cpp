#include "doctor/daemon_reader.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "client/api_client.hpp"
#include "diagnose/rules.hpp"
#include "os/fd.hpp"
#include "text/printable.hpp"

namespace mcq::doctor {
namespace {

using diagnose::Finding;

/// Looks whether a program accepts connections at a socket, and whether it does from this user.
void connect(const std::string& path, diagnose::DaemonEvidence& evidence) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.data(), path.size());
  const os::Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return;
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  const bool is_connected = ::connect(fd.get(), any, sizeof address) == 0;
  evidence.is_forbidden = !is_connected && errno == EACCES;
  // EAGAIN: so many connections wait that it seems to hang.
  evidence.is_running = is_connected || errno == EACCES || errno == EAGAIN;
}

std::string text_at(const nlohmann::json& object, const char* name) {
  return text::printable(object.value(name, ""));
}

/// The daemon judges some faults less gravely than the table: a host may have been switched off.
diagnose::Severity severity_of(const nlohmann::json& told) {
  using enum diagnose::Severity;
  const auto word = told.value("severity", "");
  return word == to_string(kProblem) ? kProblem : word == to_string(kRisk) ? kRisk : kNote;
}

/// A finding of the daemon; none if this program has no rule of that id.
void append(std::vector<Finding>& findings, const nlohmann::json& told,
            const std::string& interface) {
  const auto id = told.value("id", "");
  const auto all = diagnose::rules();
  const auto rule =
      std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.id == id; });
  if (rule == all.end()) return;
  findings.push_back({rule->id, severity_of(told), text_at(told, "subject"), text_at(told, "what"),
                      text_at(told, "fix"), interface});
}

void read_interface(const nlohmann::json& status, diagnose::DaemonEvidence& evidence) {
  diagnose::DaemonEvidence::Link link;
  link.interface = text_at(status, "interface-name");
  link.family = text_at(status, "family");
  link.role = text_at(status, "role");
  constexpr double kLongest = 31'744;  // seconds (RFC 9776 §4.1.7)
  const auto interval = status.at("settings").at("query-interval").get<double>();
  link.query_interval = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::clamp(interval, 0.0, kLongest)));
  for (const auto& told : status.value("findings", nlohmann::json::array())) {
    append(evidence.findings, told, link.interface);
  }
  evidence.links.push_back(std::move(link));
}

}  // namespace

diagnose::DaemonEvidence ask_daemon(const std::string& socket) {
  diagnose::DaemonEvidence evidence;
  connect(socket, evidence);
  const auto status = client::ApiClient{socket}.get("/v1/status");
  if (!status) {
    evidence.error = status.error().message;
    return evidence;
  }
  try {
    for (const auto& interface : status->at("interfaces")) read_interface(interface, evidence);
    evidence.answers = true;
  } catch (const std::exception& error) {  // a program of another version, or another one
    evidence.error = std::string{"its answer is unknown to this version: "} + error.what();
  }
  return evidence;
}

}  // namespace mcq::doctor
