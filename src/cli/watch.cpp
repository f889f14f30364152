#include "cli/watch.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "cli/screen.hpp"
#include "cli/terminal.hpp"
#include "cli/watch_view.hpp"
#include "os/system_error.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

constexpr double kMinInterval = 0.2, kMaxInterval = 60;
/// Limit on groups per snapshot: all of them could keep daemon and terminal busy.
constexpr const char* kMaxGroups = "1000";

using Clock = std::chrono::steady_clock;

/// Takes a snapshot with at most `limit` groups; with all when it is empty.
Result<Snapshot> take_snapshot(const Client& client, const std::string& limit) {
  const auto status = client.get("/v1/status");
  if (!status) return fail(status.error().message);
  const auto groups = client.get("/v1/groups", {{"limit", limit}});
  if (!groups) return fail(groups.error().message);
  return read_snapshot(*status, *groups);
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
    bool stop = false, asks = true;
    std::optional<Taken> taken;
  };

  /// Catches exceptions such as std::bad_alloc, which would end the process: a later snapshot may
  /// succeed.
  static Result<Snapshot> try_snapshot(const Client& client) {
    try {
      return take_snapshot(client, kMaxGroups);
    } catch (const std::exception& error) {
      return fail(printable(error.what()));
    }
  }

  static void poll(Shared& shared, const Client& client, double seconds) {
    std::unique_lock lock{shared.mutex};
    while (!shared.stop) {
      shared.asks = true;
      lock.unlock();
      auto snapshot = try_snapshot(client);
      const std::chrono::duration<double> moment = Clock::now().time_since_epoch();
      lock.lock();
      shared.asks = false;
      shared.taken = Taken{std::move(snapshot), moment.count()};
      ::eventfd_write(shared.news.get(), 1);
      shared.stopped.wait_for(lock, std::chrono::duration<double>{seconds},
                              [&] { return shared.stop; });
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

/// The index of the first shown group after a key.
std::size_t scrolled(const Frame& frame, Screen::Input input) {
  const auto page = std::max<std::size_t>(frame.page, 1);
  switch (input) {
    case Screen::Input::kUp:
      return frame.first - std::min<std::size_t>(frame.first, 1);
    case Screen::Input::kDown:
      return frame.first + 1;  // lay_out() limits it
    case Screen::Input::kPageUp:
      return frame.first - std::min(frame.first, page);
    case Screen::Input::kPageDown:
      return frame.first + page;
    case Screen::Input::kHome:
      return 0;
    case Screen::Input::kEnd:
      return Size::kEndless;
    default:
      return frame.first;
  }
}

}  // namespace

void Watch::declare(CLI::App& command) {
  command.description("show status and groups on the whole terminal, live");
  client.declare_daemon(command);
  command.add_flag("--once", once, "print one frame and exit as `status` does");
  command.add_option("--interval", interval, "seconds between two readings (default: 1)")
      ->type_name("S");
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
  auto snapshot = take_snapshot(client, "");
  if (!snapshot) return io.failure(snapshot.error().message, ExitCode::kNoAnswer);
  View view;
  view.utf8 = speaks_utf8();
  view.snapshot = *std::move(snapshot);
  io.out << to_text(lay_out(view, {output_columns(), Size::kEndless}));
  return view.snapshot->healthy ? ExitCode::kOk : ExitCode::kUnhealthy;
}

ExitCode Watch::run_live(Streams io, double seconds) const {
  View view;
  view.utf8 = speaks_utf8();
  const auto screen = Screen::open();
  if (!screen) return io.failure(screen.error().message, ExitCode::kWrongUsage);
  Poller poller{client, seconds};
  for (;;) {
    const auto frame = lay_out(view, (*screen)->size());
    (*screen)->paint(frame.lines);
    const auto input = (*screen)->wait(poller.fd());
    if (input == Screen::Input::kQuit) return ExitCode::kOk;
    view.first = scrolled(frame, input);
    if (auto taken = poller.take()) apply(view, *std::move(taken));
  }
}

}  // namespace mcq::cli
