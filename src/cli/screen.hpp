#pragma once

#include <csignal>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "cli/watch_keys.hpp"
#include "cli/watch_view.hpp"
#include "os/fd.hpp"

struct screen;  // of ncurses: a terminal

namespace mcq::cli {

/// Full-screen output on the terminal of standard input and output, restored by the destructor.
/// Blocks the signals that end or stop a program, for threads started meanwhile too; wait() handles
/// them.
class Screen {
 public:
  /// Why wait() has returned: a key, or news.
  struct Input {
    KeyPress press{};
    bool is_readable = false;  ///< the descriptor given to wait()
  };

  /// Fails when standard input or output is no terminal, or of an unknown type.
  static Result<std::unique_ptr<Screen>> open(bool has_colours);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  Size size() const;
  void paint(const std::vector<Line>& lines);
  /// Waits for a key, a signal, another size or contents of the terminal, or `fd` to become
  /// readable. `types_text`: keys are characters of a text.
  Input wait(int fd, bool types_text);

 private:
  Screen() = default;
  KeyPress on_signal();

  os::Fd signals_;
  ::sigset_t mask_before_{};
  ::screen* terminal_ = nullptr;
};

}  // namespace mcq::cli
