#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/watch_view.hpp"
#include "os/fd.hpp"

struct screen;  // of ncurses: a terminal

namespace mcq::cli {

/// The value of an environment variable; empty when unset.
std::string environment(const char* name);

/// Full-screen output on the terminal of standard input and output, restored by the destructor.
/// Blocks the signals that end or stop a program, for threads started meanwhile too; wait() handles
/// them.
class Screen {
 public:
  enum class Input : std::uint8_t {
    kQuit,  ///< a key, Ctrl-C, SIGTERM or a closed terminal
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kChanged,   ///< the size or the contents of the terminal changed: paint again
    kReadable,  ///< the descriptor given to wait()
  };

  /// Fails when standard input or output is no terminal, or of an unknown type.
  static Result<std::unique_ptr<Screen>> open();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  Size size() const;
  void paint(const std::vector<Line>& lines);
  /// Waits for a key, a signal or `fd` to become readable.
  Input wait(int fd);

 private:
  Screen() = default;
  Input on_signal();

  os::Fd signals_;
  ::sigset_t mask_before_{};
  ::screen* terminal_ = nullptr;
};

}  // namespace mcq::cli
