#include "api/handlers.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/list_stream.hpp"
#include "api/query_parameters.hpp"
#include "api/status_json.hpp"
#include "monitor/log.hpp"
#include "os/clock.hpp"
#include "text/utc_time.hpp"

namespace mcq::api {
namespace {

http::Response ok(const text::Json& json) { return {.body = text::dump(json) + "\n"}; }

/// A request, its parameters, and the state to answer it from.
struct Question {
  const http::Request& request;
  const QueryParameters& parameters;
  const Selection& selection;
  instance::InstanceTable& instances;
  const NameOf& name_of;
  TimePoint started, now;
};

/// The first problem of the queriers that were asked for, or that all is well.
diagnose::Verdict verdict(const Question& q) {
  std::size_t count = 0;
  diagnose::Verdict first;
  for_each_instance(q.instances, [&](const auto& instance) {
    if (!q.selection.includes(instance) || !first.healthy) return;
    ++count;
    if (auto judged = verdict_of(instance, q.now); count == 1 || !judged.healthy) {
      first = std::move(judged);
    }
  });
  if (count == 0 && !q.instances.empty()) {
    return {false,
            "that protocol is off here: MLD is turned on by --mld or an mld table, IGMP by "
            "enabled = true"};
  }
  if (count == 0) {
    return {false,
            "no interface is served: there is no default route to find the LAN by; name it with "
            "-i or in the configuration file"};
  }
  if (!first.healthy || count == 1) return first;
  return {true, std::to_string(count) + " queriers run; all is well"};
}

http::Response status(const Question& q) {
  const auto judged = verdict(q);
  const text::Json before{{"program", "igmp-querier"},
                          {"version", IGMP_QUERIER_VERSION},
                          {"pid", ::getpid()},
                          {"time", text::utc_time()},
                          {"up-time", text::seconds(q.now - q.started)},
                          {"healthy", judged.healthy},
                          {"verdict", judged.text},
                          {"log-lines-lost", monitor::log_lines_lost()}};
  return {.body = http::BodySource{
              ListStream<Interfaces>{q.instances, q.selection, before, q.name_of}}};
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
  const auto group = parse_group(q.parameters);
  if (!group) return http::error_response(400, group.error().message);
  if (!*group) return {.body = http::BodySource{ListStream<Groups>{q.instances, q.selection}}};
  return std::visit([&](const auto& address) { return one_group(q, address); }, **group);
}

http::Response hosts(const Question& q) {
  return {.body = http::BodySource{ListStream<Hosts>{q.instances, q.selection}}};
}

http::Response bridge_table(const Question& q) {
  auto group = parse_group(q.parameters);
  if (!group) return http::error_response(400, group.error().message);
  const auto type = parse_entry_type(q.parameters);
  if (!type) return http::error_response(400, type.error().message);
  return {.body = http::BodySource{
              BridgeTableStream{q.instances, {q.selection, *std::move(group), *type}, q.name_of}}};
}

http::Response events(const Question& q) {
  const auto follow = parse_follow_events(q.parameters, q.request.last_event_id);
  if (!follow) return http::error_response(400, follow.error().message);
  return {.body = *follow};
}

http::Response query(const Question& q) {
  if (!q.request.is_root) {
    return http::error_response(403, "only root may request a query: run it with sudo");
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

http::Response pause(const Question& q) {
  if (!q.request.is_root) {
    return http::error_response(403, "only root may pause the queries: run it with sudo");
  }
  const auto time = parse_seconds(q.parameters);
  if (!time) return http::error_response(400, time.error().message);
  bool is_paused = false;
  for_each_instance(q.instances, [&](const auto& instance) {
    is_paused = is_paused || (q.selection.includes(instance) && instance.is_paused());
  });
  if (is_paused) return http::error_response(409, "the queries there are paused already");
  const std::shared_ptr<const void> lease = std::make_shared<char>();
  for_each_instance(q.instances, [&](auto& instance) {
    if (q.selection.includes(instance)) instance.pause(lease, q.now + *time, q.now);
  });
  return {.body = http::FollowEvents{.details = false, .lease = lease}};
}

struct Route {
  std::string path, method;
  std::vector<std::string> parameters;
  http::Response (*answer)(const Question&);
};

const std::array<Route, 7>& routes() {
  static const std::array<Route, 7> kRoutes{{
      {"/v1/status", "GET", {"interface", "family", "limit"}, status},
      {"/v1/groups", "GET", {"interface", "family", "group", "limit"}, groups},
      {"/v1/hosts", "GET", {"interface", "family", "limit"}, hosts},
      {"/v1/bridge-table", "GET", {"interface", "family", "group", "type", "limit"}, bridge_table},
      {"/v1/events", "GET", {"since", "details", "follow"}, events},
      {"/v1/query", "POST", {"interface", "family"}, query},
      {"/v1/pause", "POST", {"interface", "family", "seconds"}, pause},
  }};
  return kRoutes;
}

}  // namespace

http::Response answer(const http::Request& request, instance::InstanceTable& instances,
                      const NameOf& name_of, TimePoint started) {
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
  const auto parameters =
      http::parse_query_parameters(http::query_of(request.target), route->parameters);
  if (!parameters) return http::error_response(400, parameters.error().message);
  const auto selection = parse_selection(*parameters, instances);
  if (!selection) return http::error_response(400, selection.error().message);
  return route->answer({request, *parameters, *selection, instances, name_of, started, os::now()});
}

}  // namespace mcq::api
