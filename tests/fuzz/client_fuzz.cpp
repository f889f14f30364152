#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <sstream>

#include "answer.hpp"
#include "cli/events.hpp"
#include "cli/groups.hpp"
#include "cli/hosts.hpp"
#include "cli/status.hpp"
#include "cli/watch_view.hpp"
#include "client/api_client.hpp"
#include "daemon_answers.hpp"
#include "exporter/handlers.hpp"
#include "exporter/history.hpp"
#include "exporter/metrics.hpp"
#include "hostile_daemon.hpp"
#include "text.hpp"

// What a daemon may say to those who ask it: the commands, `watch` and the exporter. The first
// byte says whether the rest are bytes of its answer, or changes of an answer as it should be.

namespace mcq::fuzz {
namespace {

using nlohmann::json;

const text::MacVendors kVendors{{"00:22:72:00:00:01", "Maker"}, {"02:00:00:00:00:15", "(private)"}};
const cli::HostDetails kKnown{.vendors = kVendors, .names = {}};

json member(const json& object, const char* name) {
  return object.is_object() && object.contains(name) ? object.at(name) : json{};
}

/// Runs one of the commands: it prints what people can read, or fails with a sentence.
template <class Render>
void print(Render render) {
  std::ostringstream out, err;
  const auto code = cli::print({out, err}, render);
  require_lines(out.str(), "what is printed is text");
  if (code == cli::ExitCode::kOk) return require(err.str().empty(), "all is well");
  auto said = err.str();
  require(said.ends_with('\n') && out.str().empty(), "a failure is all that is printed");
  said.pop_back();
  require_line(said, "a failure is one line");
}

void print_groups(const json& answer, Reader& in) {
  const char* orders[] = {"group", "name", "hosts", "uptime", "expires"};
  cli::Groups command;
  command.sort = orders[in.within(0, 4)];
  const auto flags = in.byte();
  command.reverse = (flags & 1U) != 0;
  command.all_members = (flags & 2U) != 0;
  if ((flags & 4U) != 0) command.host = "192.0.2.20";
  if ((flags & 8U) != 0) command.name = "a";
  print([&] {
    const auto selected = command.select(answer);
    require(selected.at("groups").size() <= answer.at("groups").size(), "a choice adds nothing");
    return (flags & 16U) != 0 ? cli::pretty(selected) : command.render(selected);
  });
}

void print_hosts(const json& answer, const json& groups, Reader& in) {
  const char* orders[] = {"host", "groups", "last-report", "mac-address", "vendor"};
  cli::Hosts command;
  command.sort = orders[in.within(0, 4)];
  const auto flags = in.byte();
  command.reverse = (flags & 1U) != 0;
  command.all_groups = (flags & 2U) != 0;
  if ((flags & 4U) != 0) command.group = "239.128.0.1";
  if ((flags & 8U) != 0) command.vendor = "make";
  print([&] {
    const auto selected = command.select(answer, groups, kKnown);
    require(selected.at("hosts").size() <= answer.at("hosts").size(), "a choice adds nothing");
    return command.render(selected, groups, kKnown);
  });
}

void print_event(const json& event) {
  cli::Events command;
  command.kinds = {"group-added"};
  command.client.interface = "eth0";
  print([&] {
    command.wants(event);
    return cli::render_event(event);
  });
}

void watch(const json& status, const json& groups, Reader& in) {
  auto taken = cli::read_snapshot(status, groups);
  if (!taken) return require_line(taken.error().message, "a failure is one line");
  cli::View view{
      .snapshot = *taken, .trouble = in.byte() % 2 == 0 ? "" : "it is gone", .rates = {}};
  view.first = in.byte();
  view.rates.add(*taken, 1);
  taken->reports = static_cast<std::uint64_t>(in.number()) << in.byte() % 48;
  view.rates.add(*taken, 2);
  view.utf8 = in.byte() % 2 == 0;
  const cli::Size size{.columns = in.byte(), .rows = in.byte()};
  const auto frame = cli::lay_out(view, size);
  require(frame.lines.size() <= size.rows, "a frame is no higher than the screen");
  for (const auto& line : frame.lines) {
    std::size_t columns = 0;
    for (const auto& span : line) columns += text::width(span.text);
    require(columns <= size.columns, "a frame is no wider than the screen");
  }
  require_lines(cli::to_text(frame), "a frame is text");
}

/// What the exporter keeps of what it reads.
void keep(const json& status, const json& event) {
  exporter::History history;
  for (std::int64_t now = 0; now < 3; ++now) history.sample(status, now);
  require(json::parse(history.add(event), nullptr, false).is_discarded() == event.is_discarded(),
          "an event stays one");
  const auto kept = json::parse(*history.to_json(), nullptr, false);
  require(kept.is_object() && kept.at("events").size() == 1, "what is kept is JSON");
  for (const auto& series : kept.at("series")) {
    for (const auto* column : {"reports", "queries", "groups", "hosts"}) {
      require(series.at(column).size() == series.at("time").size(), "columns are of one length");
    }
  }
}

struct Said {
  json status, groups, hosts, event;
};

/// Has one of those who read such answers make something of them.
void use(int reader, const Said& said, Reader in) {
  switch (reader % 7) {
    case 0:
      return print([&] { return cli::render_status(said.status, kVendors); });
    case 1:
      return print_groups(said.groups, in);
    case 2:
      return print_hosts(said.hosts, said.groups, in);
    case 3:
      return print_event(said.event);
    case 4:
      return watch(said.status, said.groups, in);
    case 5:
      return keep(said.status, said.event);
    default:
      return check_exposition(exporter::metrics(&said.status, member(said.groups, "groups")));
  }
}

Said spoiled_answers(Reader& in) {
  Said said{status_answer(), groups_answer(), hosts_answer(), event_answer()};
  for (auto* answer : {&said.status, &said.groups, &said.hosts, &said.event}) spoil(*answer, in);
  return said;
}

class Clients {
 public:
  /// Asks once, and takes what comes for whatever it could be.
  void ask(std::size_t piece, int reader, const std::string& said) {
    std::optional<Result<json>> answer;
    constexpr std::size_t kMax = 3000;
    const auto call = client_.get(
        io_, "/v1/status",
        [&](Result<json> given) {
          require(!answer, "there is one answer");
          answer = std::move(given);
        },
        kMax);
    daemon_.serve(
        piece, [&](const auto&) { return said; }, [&] { return answer.has_value(); });
    if (!*answer) return require_line(answer->error().message, "a failure is one line");
    require(said.find("HTTP/1.") != said.npos, "what is no HTTP has no answer");
    use(reader, {**answer, **answer, **answer, **answer}, Reader{{}});
  }

  void follow(std::size_t piece, const std::string& said) {
    std::optional<Result<Ok>> end;
    int events = 0;
    const auto call = client_.follow(
        io_, "/v1/events",
        [&](const json& event) {
          require(!end, "nothing comes after the end");
          print_event(event);
          return ++events < 50;
        },
        [&](Result<Ok> how) {
          require(!end, "there is one end");
          end = std::move(how);
        });
    daemon_.serve(
        piece, [&](const auto&) { return said; }, [&] { return end.has_value(); });
    require(end->has_value() == (events == 50), "it ends well where it was enough");
    if (!*end) require_line(end->error().message, "a failure is one line");
  }

  /// The exporter reads all there is, and answers a page and Prometheus.
  void watch(Reader in) {
    const auto say = [&](const std::string& path) {
      if (in.byte() == 0) return std::string{};
      auto answer = path == "/v1/groups"  ? groups_answer()
                    : path == "/v1/hosts" ? hosts_answer()
                                          : status_answer();
      spoil(answer, in);
      return in_http(text_of(answer));
    };
    exporter::DaemonPoller view{io_, daemon_.path, kCalm};
    const exporter::History history;
    exporter::RequestHandlers answers{view,
                                      history,
                                      {},
                                      [] { return std::vector<std::string>{}; },
                                      [](const std::string&) { return std::string{}; }};
    for (const char* path : {"/metrics", "/v1/state"}) {
      const auto later = answers.answer({.method = "GET", .target = path, .host = "127.0.0.1"});
      std::optional<http::Response> given;
      std::get<http::DeferredResponse>(later.body)([&](auto answer) { given = std::move(answer); });
      daemon_.serve(8192, say, [&] { return given.has_value(); });
      require(given->status == 200, "it answers whatever the daemon says");
      const auto* text = std::get_if<std::string>(&given->body);
      if (text != nullptr) check_exposition(*text);
      if (text == nullptr) check_state(*std::get<http::SharedBody>(given->body));
    }
  }

 private:
  static constexpr auto kHour = std::chrono::hours{1};
  static constexpr auto kNow = std::chrono::milliseconds{0};
  static constexpr exporter::DaemonPoller::Times kCalm{kHour, kNow,  kNow,  kHour,
                                                       kHour, kHour, kHour, kHour};

  static void check_state(const std::string& text) {
    require(is_utf8(text), "a page is told in UTF-8");
    const auto state = json::parse(text, nullptr, false);
    require(state.is_object() && state.at("groups").is_array() && state.at("hosts").is_array(),
            "a page finds lists where it looks for lists");
    require(state.at("reachable").get<bool>() == state.at("problem").is_null() &&
                state.at("reachable").get<bool>() == state.at("status").is_object(),
            "a daemon is there, or there is a problem");
    for (const auto& group : state.at("groups")) {
      require(group.at("name").is_string() && group.at("hosts-count").is_number(),
              "a page is told what it shows");
    }
  }

  boost::asio::io_context io_{1};
  HostileDaemon daemon_{io_};
  client::ApiClient client_{daemon_.path, kHour};
};

void run(Reader in, const std::string& rest) {
  static Clients clients;
  const auto how = in.byte();
  const int reader = how >> 4U;
  const std::size_t piece = (how & 8U) != 0 ? 7 : 8192;
  switch (how % 8) {
    case 0:
      return clients.ask(piece, reader, rest);
    case 1:
      return clients.ask(piece, reader, in_http(rest));
    case 2:
      return clients.follow(piece, rest);
    case 3:
      return clients.follow(piece, in_http(rest));
    case 4:
      return clients.watch(in);
    default:
      const auto said = spoiled_answers(in);
      return use(reader, said, in);
  }
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  mcq::fuzz::run(mcq::fuzz::Reader{{data, size}},
                 {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
