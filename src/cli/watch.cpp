#include "cli/watch.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "cli/host_name_map.hpp"
#include "cli/screen.hpp"
#include "cli/terminal.hpp"
#include "cli/watch_keys.hpp"
#include "cli/watch_view.hpp"
#include "os/system_error.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

constexpr double kMinInterval = 0.2, kMaxInterval = 60;
/// Limit on groups and hosts per snapshot: all of them could keep daemon and terminal busy.
constexpr const char* kMaxListed = "1000";

using Clock = std::chrono::steady_clock;

/// Takes a snapshot with at most `limit` groups and hosts; with all when it is empty.
Result<Snapshot> take_snapshot(const Client& client, const std::string& limit, bool with_hosts) {
  const auto status = client.get("/v1/status");
  if (!status) return fail(status.error().message);
  const auto groups = client.get("/v1/groups", {{"limit", limit}});
  if (!groups) return fail(groups.error().message);
  auto snapshot = read_snapshot(*status, *groups);
  if (!snapshot || !with_hosts) return snapshot;
  const auto answer = client.get("/v1/hosts", {{"limit", limit}});
  if (!answer) return fail(answer.error().message);
  auto hosts = read_hosts(*answer);
  if (!hosts) return fail(std::move(hosts).error());
  snapshot->hosts = *std::move(hosts);
  return snapshot;
}

/// Takes snapshots in its own thread, so that a slow daemon does not delay the response to keys.
class Poller {
 public:
  struct Taken {
    Result<Snapshot> snapshot;
    double moment;  ///< seconds
  };

  Poller(const Client& client, double seconds) : shared_(std::make_shared<Shared>()) {
    thread_ = std::thread{[=, shared = shared_] { poll(*shared, client, seconds); }};
  }
  /// Does not wait for a pending response.
  ~Poller() {
    std::unique_lock lock{shared_->mutex};
    shared_->stop = true;
    const bool asks = shared_->asks;
    lock.unlock();
    shared_->stopped.notify_one();
    asks ? thread_.detach() : thread_.join();
  }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Whether snapshots have hosts, from now on. The next one is taken at once if it is to have
  /// some.
  void ask_for_hosts(bool wanted) {
    const std::lock_guard lock{shared_->mutex};
    if (std::exchange(shared_->with_hosts, wanted) == wanted || !wanted) return;
    shared_->hurry = true;
    shared_->stopped.notify_one();
  }

  /// Readable when take() would return a result.
  int fd() const { return shared_->news.get(); }
  /// Returns the latest result; none if it was taken before.
  std::optional<Taken> take() {
    ::eventfd_t count = 0;
    ::eventfd_read(fd(), &count);
    const std::lock_guard lock{shared_->mutex};
    return std::exchange(shared_->taken, std::nullopt);
  }

 private:
  struct Shared {
    os::Fd news{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::condition_variable stopped;
    bool stop = false, asks = true, with_hosts = false;
    bool hurry = false;  ///< the next snapshot is due
    std::optional<Taken> taken;
  };

  /// Catches exceptions such as std::bad_alloc, which would end the process: a later snapshot may
  /// succeed.
  static Result<Snapshot> try_snapshot(const Client& client, bool with_hosts) {
    try {
      return take_snapshot(client, kMaxListed, with_hosts);
    } catch (const std::exception& error) {
      return fail(printable(error.what()));
    }
  }

  static void poll(Shared& shared, const Client& client, double seconds) {
    std::unique_lock lock{shared.mutex};
    while (!shared.stop) {
      shared.asks = true;
      shared.hurry = false;
      const bool with_hosts = shared.with_hosts;
      lock.unlock();
      auto snapshot = try_snapshot(client, with_hosts);
      const std::chrono::duration<double> moment = Clock::now().time_since_epoch();
      lock.lock();
      shared.asks = false;
      shared.taken = Taken{std::move(snapshot), moment.count()};
      ::eventfd_write(shared.news.get(), 1);
      shared.stopped.wait_for(lock, std::chrono::duration<double>{seconds},
                              [&] { return shared.stop || shared.hurry; });
    }
  }

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

void apply(View& view, Poller::Taken taken) {
  if (!taken.snapshot) {
    view.trouble = "trying again: " + taken.snapshot.error().message;
    return;
  }
  view.trouble.clear();
  view.rates.add(*taken.snapshot, taken.moment);
  view.snapshot = *std::move(taken.snapshot);
}

void add_names(View& view, os::HostNames& names) {
  if (!view.snapshot) return;
  for (auto& host : view.snapshot->hosts) host.name = printable(names.find(host.address));
}

}  // namespace

void Watch::declare(CLI::App& command) {
  command.description("show status, groups and hosts on the whole terminal, live");
  client.declare_daemon(command);
  client.declare_family(command);
  command.add_flag("--once", once, "print one frame and exit as `status` does");
  command.add_option("--interval", interval, "seconds between two readings (default: 1)")
      ->type_name("S");
  declare_numeric(command, numeric);
  options.declare_color(command);
}

ExitCode Watch::run(Streams io) const {
  double seconds = 0;
  const auto* end = interval.data() + interval.size();
  const auto parsed = std::from_chars(interval.data(), end, seconds);
  if (parsed.ec != std::errc{} || parsed.ptr != end ||
      !(kMinInterval <= seconds && seconds <= kMaxInterval)) {
    return io.failure("--interval '" + interval +
                          "' is not allowed: it must be 0.2 to 60 seconds; the default is 1",
                      ExitCode::kWrongUsage);
  }
  return once ? print_once(io) : run_live(io, seconds);
}

ExitCode Watch::print_once(Streams io) const {
  auto snapshot = take_snapshot(client, "", false);
  if (!snapshot) return io.failure(snapshot.error().message, ExitCode::kNoAnswer);
  View view;
  view.utf8 = speaks_utf8();
  view.snapshot = *std::move(snapshot);
  io.out << to_text(lay_out(view, {output_columns(), Size::kEndless}));
  return view.snapshot->healthy ? ExitCode::kOk : ExitCode::kUnhealthy;
}

ExitCode Watch::run_live(Streams io, double seconds) const {
  View view;
  const auto wanted = options.output();
  view.utf8 = wanted.is_utf8;
  const auto screen = Screen::open(wanted.has_colours);
  if (!screen) return io.failure(screen.error().message, ExitCode::kWrongUsage);
  os::HostNames names;
  Poller poller{client, seconds};
  for (;;) {
    const auto frame = lay_out(view, (*screen)->size());
    (*screen)->paint(frame.lines);
    const auto input = (*screen)->wait(poller.fd(), view.types_filter);
    if (input.press.key == Key::kQuit) return ExitCode::kOk;
    on_key(view, frame, input.press);
    poller.ask_for_hosts(view.list.kind == ListChoice::Kind::kHosts);
    if (auto taken = poller.take()) apply(view, *std::move(taken));
    if (!numeric) add_names(view, names);
  }
}

}  // namespace mcq::cli
