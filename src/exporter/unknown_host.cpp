#include "exporter/unknown_host.hpp"

#include <algorithm>
#include <string>

#include "text/printable.hpp"

namespace mcq::exporter {
namespace {

constexpr std::size_t kLongestName = 253;  ///< bytes (RFC 1035 §2.3.4)

/// The host without its port and the DNS root.
std::string name_of(const std::string& host) {
  auto name = host.substr(0, host.rfind(':'));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

bool is_name(const std::string& name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kLongestName && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

/// `name`: as is_name() accepts it, so that it needs no escaping.
std::string page(const std::string& name) {
  return R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Name not allowed - igmp-querier</title>
<h1>This exporter does not know the name )" +
         name + R"(</h1>
<p>It answers to its addresses and its own names only: a page from elsewhere whose name was made to
lead here could otherwise read which hosts listen to what.</p>
<p>If this is a name of the machine, give the exporter this option:</p>
<pre>--host )" +
         name +
         R"(</pre>
<p>For the service, run <code>sudo systemctl edit igmp-querier-exporter</code>, and write what its
command is, with the option added (<code>systemctl cat igmp-querier-exporter</code> shows it):</p>
<pre>[Service]
ExecStart=
ExecStart=... --host )" +
         name + R"(</pre>
<p>The address of the machine works without that.</p>
</html>
)";
}

}  // namespace

http::Response unknown_host(const http::Request& request) {
  const auto name = name_of(request.host);
  if (request.accepts_html && is_name(name)) {
    return {.status = 421, .body = page(name), .type = "text/html; charset=utf-8"};
  }
  return http::error_response(
      421, "'" + printable(request.host) +
               "' is no name of this exporter: use its address, or allow the name with --host");
}

}  // namespace mcq::exporter
