#pragma once

#include <cstdint>

#include "cli/watch_view.hpp"

namespace mcq::cli {

enum class Key : std::uint8_t {
  kQuit,  ///< also Ctrl-C, SIGTERM or a closed terminal
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kOtherList,  ///< hosts instead of groups, or groups instead of hosts
  kSort,       ///< by the next column
  kReverse,
  kFilter,     ///< begins to type a filter
  kCharacter,  ///< of the filter
  kBackspace,
  kEnter,
  kEscape,
  kNone,
};

struct KeyPress {
  Key key = Key::kNone;
  char character = 0;  ///< of kCharacter
};

/// Changes the view as a key asks. `frame`: what is on the screen.
void on_key(View& view, const Frame& frame, KeyPress press);

}  // namespace mcq::cli
