#include "exporter/handlers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "client/json_fields.hpp"
#include "exporter/group_search.hpp"
#include "exporter/metrics.hpp"
#include "exporter/unknown_host.hpp"
#include "exporter/web_page.hpp"
#include "http/listen_address.hpp"
#include "http/query_parameters.hpp"
#include "text/json.hpp"
#include "text/printable.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::exporter {
namespace {

using nlohmann::json;

/// Limit on the groups of one response.
constexpr std::size_t kMaxListed = 1000;
/// Limit on listed hosts, and sources, of one group, so that no group makes the response long.
constexpr std::size_t kMaxPerGroup = 64;
/// Least interval between two readings of the registries of manufacturers, which are long.
constexpr Duration kLookUpInterval = 10s;
constexpr std::size_t kMaxVendors = 4096;

/// Returns a text member; empty if there is none.
std::string text_in(const json& object, const char* name) {
  const auto* found = client::text(client::member(&object, name));
  return found == nullptr ? "" : *found;
}

/// Cuts the list named `list` to kMaxPerGroup and stores its full length as `count`.
void shorten(json& group, const char* list, const char* count) {
  const auto found = group.find(list);
  const bool is_list = found != group.end() && found->is_array();
  const auto size = is_list ? found->size() : 0;
  if (size > kMaxPerGroup) {
    found->erase(found->begin() + static_cast<std::ptrdiff_t>(kMaxPerGroup), found->end());
  }
  group[count] = size;
}

/// A group as the page gets it.
json as_shown(json group) {
  group["name"] = text::well_known_group(text_in(group, "group-address"));
  shorten(group, "host", "hosts-count");
  shorten(group, "source", "sources-count");
  return group;
}

http::Response page_file(const http::Request& request, const std::string& path) {
  const auto assets = page_assets();
  const auto asset =
      std::find_if(assets.begin(), assets.end(), [&](const Asset& a) { return a.path == path; });
  if (asset == assets.end() && path == "/") {
    return http::error_response(
        404,
        "this program was built without the web page (sudo ./install.sh --exporter "
        "builds it with one); the metrics are at /metrics");
  }
  if (asset == assets.end()) {
    return http::error_response(404, "there is nothing at '" + printable(path) + "'");
  }
  const auto& content = request.accepts_gzip ? asset->gzip : asset->plain;
  return {.body = std::string{content},
          .type = std::string{asset->type},
          .is_gzip = request.accepts_gzip};
}

/// The event stream after the Last-Event-ID, or from now on without a valid one.
http::FollowEvents events_after(const std::string& last_event_id) {
  const bool is_number = !last_event_id.empty() && last_event_id.size() < 16 &&
                         last_event_id.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) return {};
  return {.since = std::stoull(last_event_id), .details = true};
}

}  // namespace

http::Response RequestHandlers::answer(const http::Request& request) {
  if (request.host.empty() || request.host.find(", ") != std::string::npos) {
    return http::error_response(400, "a request needs one Host header");
  }
  if (!is_own(request.host)) return unknown_host(request);
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused = http::error_response(
        405, "only GET and HEAD are allowed here, not " + printable(request.method));
    refused.allow = "GET, HEAD";
    return refused;
  }
  const auto path = http::path_of(request.target);
  if (path == "/metrics") return answer_later(Depth::kGroups, [this] { return metrics_text(); });
  if (path == "/v1/state") return answer_later(Depth::kHosts, [this] { return state(); });
  if (path == "/v1/groups") return find_groups(http::query_of(request.target));
  if (path == "/v1/history") return {.body = history_.to_json()};
  if (path == "/v1/stream") return {.body = events_after(request.last_event_id)};
  return page_file(request, path);
}

bool RequestHandlers::is_own(const std::string& host) {
  if (http::is_host_allowed(host, hosts_) || http::is_host_allowed(host, known_names_)) return true;
  if (os::now() < next_names_) return false;
  next_names_ = os::now() + kNamesInterval;
  known_names_ = own_names_();
  return http::is_host_allowed(host, known_names_);
}

http::Response RequestHandlers::answer_later(Depth depth, std::function<http::Response()> make) {
  return {.body = http::DeferredResponse{
              [this, depth, make = std::move(make)](std::function<void(http::Response)> give) {
                poller_.when_fresh(depth, [make, give = std::move(give)] { give(make()); });
              }}};
}

http::Response RequestHandlers::find_groups(const std::string& query) {
  const auto search = parse_group_search(query);
  if (!search) return http::error_response(400, search.error().message);
  return answer_later(Depth::kHosts, [this, wanted = *search] {
    if (const auto& problem = poller_.state().problem) return http::error_response(503, *problem);
    std::size_t found = 0;
    auto groups = json::array();
    for (const auto& group : poller_.state().groups) {
      if (!matches(group, wanted) || ++found > kMaxListed) continue;
      groups.push_back(as_shown(group));
    }
    const json all{{"found", found}, {"groups", std::move(groups)}};
    return http::Response{.body = all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
  });
}

http::Response RequestHandlers::metrics_text() {
  const auto& state = poller_.state();
  return {.body = metrics(state.problem ? nullptr : &state.status, state.groups),
          .type = "text/plain; version=0.0.4; charset=utf-8"};
}

http::Response RequestHandlers::state() {
  if (!state_text_ || state_id_ != poller_.state().id) {
    state_text_ = std::make_shared<const std::string>(make_state());
  }
  state_id_ = poller_.state().id;
  return {.body = state_text_};
}

std::string RequestHandlers::make_state() {
  look_up_vendors();
  const auto& state = poller_.state();
  auto groups = json::array();
  for (const auto& group : state.groups) {
    if (groups.size() >= kMaxListed) break;
    if (group.is_object()) groups.push_back(as_shown(group));
  }
  auto hosts = json::array();
  for (auto host : state.hosts) {
    if (!host.is_object()) continue;
    const auto vendor = vendors_.find(text_in(host, "mac-address"));
    host["vendor"] = vendor == vendors_.end() ? "" : vendor->second;
    host["name"] = name_of_(text_in(host, "host-address"));
    hosts.push_back(std::move(host));
  }
  const json whole{{"id", state.id},
                   {"time", state.time},
                   {"exporter",
                    {{"version", IGMP_QUERIER_VERSION},
                     {"up-time", text::seconds(os::now() - started_)},
                     {"host-name", host_name_}}},
                   {"reachable", !state.problem},
                   {"since", state.since},
                   {"problem", state.problem ? json(*state.problem) : json{}},
                   {"status", state.status},
                   {"groups", std::move(groups)},
                   {"hosts", std::move(hosts)}};
  return whole.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

void RequestHandlers::look_up_vendors() {
  std::set<std::string> unknown;
  for (const auto& host : poller_.state().hosts) {
    auto mac = text_in(host, "mac-address");
    if (!mac.empty() && !vendors_.contains(mac)) unknown.insert(std::move(mac));
  }
  if (unknown.empty() || os::now() < next_look_up_) return;
  next_look_up_ = os::now() + kLookUpInterval;
  if (vendors_.size() + unknown.size() > kMaxVendors) vendors_.clear();
  const auto found = text::load_mac_vendors({unknown.begin(), unknown.end()});
  for (const auto& mac : unknown) {
    const auto vendor = found.find(mac);
    vendors_[mac] = vendor == found.end() ? "" : vendor->second;
  }
}

}  // namespace mcq::exporter
