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

/// Whether a program accepts connections at a socket, even if not from us.
bool is_served(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  const os::Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0) return false;
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(fd.get(), any, sizeof address) == 0 || errno == EACCES;
}

std::string text_at(const nlohmann::json& object, const char* name) {
  return text::printable(object.value(name, ""));
}

/// A finding of the daemon; none if this program has no rule of that id.
void append(std::vector<Finding>& findings, const nlohmann::json& told,
            const std::string& interface) {
  const auto id = told.value("id", "");
  const auto all = diagnose::rules();
  const auto rule =
      std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.id == id; });
  if (rule == all.end()) return;
  findings.push_back({rule->id, rule->severity, text_at(told, "subject"), text_at(told, "what"),
                      text_at(told, "fix"), interface});
}

void read_interface(const nlohmann::json& status, diagnose::DaemonEvidence& evidence) {
  diagnose::DaemonEvidence::Link link;
  link.interface = text_at(status, "interface-name");
  link.family = text_at(status, "family");
  link.role = text_at(status, "role");
  const auto interval = status.at("settings").at("query-interval").get<double>();
  link.query_interval =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(interval));
  for (const auto& told : status.value("findings", nlohmann::json::array())) {
    append(evidence.findings, told, link.interface);
  }
  evidence.links.push_back(std::move(link));
}

}  // namespace

diagnose::DaemonEvidence ask_daemon(const std::string& socket) {
  diagnose::DaemonEvidence evidence;
  evidence.is_running = is_served(socket);
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
