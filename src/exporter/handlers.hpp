#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "exporter/daemon_poller.hpp"
#include "exporter/history.hpp"
#include "http/message.hpp"
#include "os/clock.hpp"
#include "os/machine_name.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::exporter {

/// Headers of each response: the page loads nothing from other origins, and no other origin may
/// embed it or read its data.
inline constexpr const char* kSecurityHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "
    "'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

/// The request handlers of the exporter (docs/exporter.md). `poller` and `history` must outlive it.
class RequestHandlers {
 public:
  /// The name of a host by its address; empty while, or where, it has none. Does not block.
  using NameOf = std::function<std::string(const std::string& address)>;

  /// `hosts`: names that requests may use besides those that `own_names` returns, which is called
  /// again for an unknown name, at most every kNamesInterval. `name_of`: see NameOf.
  RequestHandlers(DaemonPoller& poller, const History& history, std::vector<std::string> hosts,
                  std::function<std::vector<std::string>()> own_names, NameOf name_of)
      : poller_(poller),
        history_(history),
        hosts_(std::move(hosts)),
        own_names_(std::move(own_names)),
        name_of_(std::move(name_of)) {}

  http::Response answer(const http::Request& request);

 private:
  static constexpr Duration kNamesInterval = 10s;

  bool is_own(const std::string& host);
  http::Response answer_later(Depth depth, std::function<http::Response()> make);
  http::Response find_groups(const std::string& query);
  http::Response metrics_text();
  http::Response state();
  std::string make_state();
  void look_up_vendors();

  DaemonPoller& poller_;
  const History& history_;
  std::vector<std::string> hosts_;
  std::function<std::vector<std::string>()> own_names_;
  NameOf name_of_;
  std::vector<std::string> known_names_{};  ///< that own_names_ returned last
  TimePoint next_names_{};
  TimePoint started_ = os::now();
  const std::string host_name_ = os::machine_name();
  http::SharedBody state_text_;                 ///< response of /v1/state, made once per reading
  std::uint64_t state_id_ = 0;                  ///< DaemonState::id of state_text_
  std::map<std::string, std::string> vendors_;  ///< by MAC address; "" when unknown
  TimePoint next_look_up_{};
};

}  // namespace mcq::exporter
