#include "api/handlers.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "api/list_stream.hpp"
#include "api/status_json.hpp"
#include "base/ip_address.hpp"
#include "monitor/event_record.hpp"
#include "monitor/log.hpp"
#include "os/clock.hpp"
#include "text/utc_time.hpp"

namespace mcq::api {
namespace {

constexpr std::uint64_t kMostListed = 16'777'216;

using Parameters = std::map<std::string, std::string>;

/// "%2e" is '.'; nothing when a percent sign stands for nothing.
std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned code = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), code, 16);
    if (error != std::errc{} || end != digits.begin() + 2) return std::nullopt;
    decoded += static_cast<char>(code);
    i += 2;
  }
  return decoded;
}

/// What follows the question mark: "interface=eth0&limit=10".
Result<Parameters> parse_parameters(std::string_view text, const std::vector<std::string>& known) {
  Parameters parameters;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = decode(pair.substr(0, equals));
    const auto value = decode(pair.substr(std::min(pair.size(), equals + 1)));
    if (!name || !value) {
      return fail("'" + std::string{pair} + "' has a '%' without two hexadecimal digits");
    }
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      std::string names;
      for (const auto& n : known) names += (names.empty() ? "" : ", ") + n;
      return fail("there is no parameter '" + *name +
                  "' here; there are: " + (names.empty() ? "none" : names));
    }
    if (!parameters.emplace(*name, *value).second) return fail("'" + *name + "' is given twice");
  }
  return parameters;
}

Result<std::uint64_t> parse_number(const std::string& name, const std::string& text,
                                   std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error == std::errc{} && end == last && least <= number && number <= most) return number;
  return fail(name + " is '" + text + "', but it must be a number from " + std::to_string(least) +
              " to " + std::to_string(most));
}

Result<Selection> make_selection(const Parameters& parameters,
                                 const instance::InstanceTable& instances) {
  Selection selection;
  for (const auto& [name, value] : parameters) {
    if (name == "interface") {
      std::string names;
      for (const auto& [n, s] : instances) names += (names.empty() ? "" : ", ") + n;
      if (!instances.contains(value)) {
        return fail("interface is '" + value +
                    "', which is not served; served are: " + (names.empty() ? "none" : names));
      }
      selection.interface = value;
    } else if (name == "family") {
      if (value != Igmp::kFamilyName && value != Mld::kFamilyName) {
        return fail("family is '" + value + "', but it must be ipv4 or ipv6");
      }
      selection.family = value;
    } else if (name == "limit") {
      const auto limit = parse_number(name, value, 1, kMostListed);
      if (!limit) return fail(limit.error());
      selection.limit = *limit;
    }
  }
  return selection;
}

http::Response ok(const text::Json& json) { return {.body = text::dump(json) + "\n"}; }

/// What an answer is made from.
struct Question {
  const http::Request& request;
  const Parameters& parameters;
  const Selection& selection;
  instance::InstanceTable& instances;
  TimePoint started, now;
};

http::Response status(const Question& q) {
  auto interfaces = text::Json::array();
  for_each_instance(q.instances, [&](const auto& instance) {
    if (q.selection.includes(instance)) interfaces.push_back(interface_status(instance, q.now));
  });
  const auto wrong = std::find_if(interfaces.begin(), interfaces.end(),
                                  [](const text::Json& i) { return !i["healthy"].get<bool>(); });
  const bool healthy = wrong == interfaces.end() && !interfaces.empty();
  text::Json verdict;
  if (interfaces.empty() && !q.instances.empty()) {
    verdict =
        "that protocol is off here: MLD is turned on by --mld or an mld table, IGMP by "
        "enabled = true";
  } else if (interfaces.empty()) {
    verdict =
        "no interface is served: there is no default route to find the LAN by; name it with "
        "-i or in the configuration file";
  } else if (wrong != interfaces.end()) {
    verdict = (*wrong)["verdict"];
  } else if (interfaces.size() == 1) {
    verdict = interfaces[0]["verdict"];
  } else {
    verdict = std::to_string(interfaces.size()) + " queriers run; all is well";
  }
  return ok({{"program", "igmp-querier"},
             {"version", IGMP_QUERIER_VERSION},
             {"pid", ::getpid()},
             {"time", text::utc_time()},
             {"up-time", text::seconds(q.now - q.started)},
             {"healthy", healthy},
             {"verdict", std::move(verdict)},
             {"log-lines-lost", monitor::log_lines_lost()},
             {"interfaces", std::move(interfaces)}});
}

template <std::size_t Size>
http::Response one_group(const Question& q, const Address<Size>& address) {
  auto groups = text::Json::array();
  for_each_instance(q.instances, [&]<Family F>(const instance::Instance<F>& instance) {
    if constexpr (std::same_as<typename F::Address, Address<Size>>) {
      if (!q.selection.includes(instance)) return;
      const auto* group = instance.querier().groups().find(address);
      if (group != nullptr) groups.push_back(group_status(instance, *group, q.now));
    }
  });
  return ok({{"groups", std::move(groups)}});
}

http::Response groups(const Question& q) {
  const auto wanted = q.parameters.find("group");
  if (wanted == q.parameters.end()) {
    return {.body = http::BodySource{ListStream<Groups>{q.instances, q.selection}}};
  }
  const auto address = parse_address(wanted->second);
  const auto is_group = [](const auto& a) { return is_multicast(a); };
  if (!address || !std::visit(is_group, *address)) {
    return http::error_response(
        400, "group is '" + wanted->second + "', but it must be a multicast address");
  }
  return std::visit([&](const auto& a) { return one_group(q, a); }, *address);
}

http::Response hosts(const Question& q) {
  return {.body = http::BodySource{ListStream<Hosts>{q.instances, q.selection}}};
}

/// A client that comes back says itself, in a header, what it knows.
http::Response events(const Question& q) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const auto details = q.parameters.find("details");
  const bool is_chosen = details != q.parameters.end();
  if (is_chosen && details->second != "true" && details->second != "false") {
    return http::error_response(
        400, "details is '" + details->second + "', but it must be true or false");
  }
  const bool has_details = !is_chosen || details->second == "true";
  const auto since = q.parameters.find("since");
  const bool is_given = since != q.parameters.end();
  if (!is_given && q.request.last_event_id.empty()) {
    return {.body = http::FollowEvents{.since = {}, .details = has_details}};
  }
  const auto last = is_given ? parse_number("since", since->second, 0, kMost)
                             : parse_number("Last-Event-ID", q.request.last_event_id, 0, kMost);
  if (!last) return http::error_response(400, last.error().message);
  return {.body = http::FollowEvents{.since = *last, .details = has_details}};
}

http::Response query(const Question& q) {
  if (!q.request.is_root) {
    return http::error_response(403, "only root may ask for a query: run it with sudo");
  }
  int sent = 0;
  for_each_instance(q.instances, [&](auto& instance) {
    if (q.selection.includes(instance) && instance.query_now(q.now)) ++sent;
  });
  if (sent == 0)
    return http::error_response(409,
                                "no query was sent: we are not the querier there, or cannot send");
  return ok({{"queries-sent", sent}});
}

struct Route {
  std::string path, method;
  std::vector<std::string> parameters;
  http::Response (*answer)(const Question&);
};

const std::array<Route, 5>& routes() {
  static const std::array<Route, 5> kRoutes{{
      {"/v1/status", "GET", {"interface", "family"}, status},
      {"/v1/groups", "GET", {"interface", "family", "group", "limit"}, groups},
      {"/v1/hosts", "GET", {"interface", "family", "limit"}, hosts},
      {"/v1/events", "GET", {"since", "details"}, events},
      {"/v1/query", "POST", {"interface", "family"}, query},
  }};
  return kRoutes;
}

}  // namespace

http::Response answer(const http::Request& request, instance::InstanceTable& instances,
                      TimePoint started) {
  const auto path = http::path_of(request.target);
  const auto route = std::find_if(routes().begin(), routes().end(),
                                  [&](const Route& r) { return r.path == path; });
  if (route == routes().end()) {
    std::string paths;
    for (const auto& r : routes()) paths += (paths.empty() ? "" : ", ") + r.path;
    return http::error_response(404, "there is nothing at '" + path + "'; there are: " + paths);
  }
  if (request.method != route->method) {
    auto refused = http::error_response(
        405, path + " takes " + route->method + " only, not " + request.method);
    refused.allow = route->method;
    return refused;
  }
  const auto query = request.target.substr(std::min(request.target.size(), path.size() + 1));
  const auto parameters = parse_parameters(query, route->parameters);
  if (!parameters) return http::error_response(400, parameters.error().message);
  const auto selection = make_selection(*parameters, instances);
  if (!selection) return http::error_response(400, selection.error().message);
  return route->answer({request, *parameters, *selection, instances, started, os::now()});
}

}  // namespace mcq::api
