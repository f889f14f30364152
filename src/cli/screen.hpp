#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/watch_view.hpp"
#include "os/fd.hpp"

struct screen;  // what ncurses calls a terminal

namespace mcq::cli {

/// The value of an environment variable; empty when there is none.
std::string environment(const char* name);

/// The terminal, taken over for full-screen output. It is as it was again when this is gone. While
/// it lasts, the signals that end or stop a program arrive here, and threads that are started
/// meanwhile get none of them.
class Screen {
 public:
  enum class Input : std::uint8_t {
    kQuit,  ///< a key, or a signal: Ctrl-C, SIGTERM, a terminal that is gone
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kChanged,  ///< the size, or what was on it
    kReadable,
  };

  /// Fails when standard input or output is no terminal, or one that is not known.
  static Result<std::unique_ptr<Screen>> open();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  Size size() const;
  void paint(const std::vector<Line>& lines);
  /// Waits until there is something to do: a key, a signal, or `fd` is readable.
  Input wait(int fd);

 private:
  Screen() = default;
  Input on_signal();

  os::Fd signals_;
  ::sigset_t mask_before_{};
  ::screen* terminal_ = nullptr;
};

}  // namespace mcq::cli
