#include "cli/screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

// The macros of ncurses collide with names of the standard library.
#define NCURSES_NOMACROS
#include <ncurses.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "cli/terminal.hpp"
#include "os/system_error.hpp"

namespace mcq::cli {
namespace {

constexpr std::array kSignals{SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH};
enum Colour : short { kGreen = 1, kYellow, kRed };

attr_t attributes(Style style) {
  switch (style) {
    case Style::kPlain:
      return A_NORMAL;
    case Style::kTitle:
      return A_REVERSE;
    case Style::kHeading:
      return A_BOLD;
    case Style::kGood:
      return static_cast<attr_t>(COLOR_PAIR(kGreen));
    case Style::kWarning:
      return static_cast<attr_t>(COLOR_PAIR(kYellow));
    case Style::kBad:
      return A_BOLD | static_cast<attr_t>(COLOR_PAIR(kRed));
  }
  return A_NORMAL;
}

/// Initializes colours on the terminal's own background.
void prepare_colours() {
  if (!has_colors()) return;
  start_color();
  use_default_colors();
  init_pair(kGreen, COLOR_GREEN, -1);
  init_pair(kYellow, COLOR_YELLOW, -1);
  init_pair(kRed, COLOR_RED, -1);
}

/// Sets the size of ncurses to that of the terminal, ignoring LINES and COLUMNS.
void fit() {
  ::winsize now{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) == 0 && now.ws_row > 0 && now.ws_col > 0) {
    resizeterm(now.ws_row, now.ws_col);
  }
}

constexpr int kEscapeKey = 27, kDelete = 127;
constexpr int kEscapeDelay = 25;  ///< milliseconds: what a terminal sends for one key comes sooner

/// The keys that mean the same in a text and elsewhere.
Key general_key(int key) {
  switch (key) {
    case KEY_UP:
      return Key::kUp;
    case KEY_DOWN:
      return Key::kDown;
    case KEY_PPAGE:
      return Key::kPageUp;
    case KEY_NPAGE:
      return Key::kPageDown;
    case KEY_HOME:
      return Key::kHome;
    case KEY_END:
      return Key::kEnd;
    case kEscapeKey:
      return Key::kEscape;
    default:
      return Key::kNone;
  }
}

Key command_key(int key) {
  switch (key) {
    case 'q':
    case 'Q':
      return Key::kQuit;
    case 'k':
      return Key::kUp;
    case 'j':
      return Key::kDown;
    case ' ':
      return Key::kPageDown;
    case '\t':
    case 'h':
      return Key::kOtherList;
    case 's':
      return Key::kSort;
    case 'r':
      return Key::kReverse;
    case '/':
      return Key::kFilter;
    default:
      return general_key(key);
  }
}

KeyPress text_key(int key) {
  if (key >= ' ' && key < kDelete) return {Key::kCharacter, static_cast<char>(key)};
  if (key == '\n' || key == '\r' || key == KEY_ENTER) return {Key::kEnter};
  if (key == '\b' || key == kDelete || key == KEY_BACKSPACE) return {Key::kBackspace};
  return {general_key(key)};
}

}  // namespace

Result<std::unique_ptr<Screen>> Screen::open(bool has_colours) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    return fail("needs a terminal: --once prints a single frame anywhere");
  }
  std::unique_ptr<Screen> screen{new Screen};  // the constructor is private
  ::sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : kSignals) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, &screen->mask_before_);
  screen->signals_ = os::Fd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (screen->signals_.get() < 0) return os::system_failure("cannot receive signals");
  screen->terminal_ = ::newterm(nullptr, stdout, stdin);
  if (screen->terminal_ == nullptr) {
    return fail("does not know a terminal of type '" + environment("TERM") +
                "': set TERM, or use --once");
  }
  if (::tigetstr("cup") == nullptr) {
    return fail("the terminal cannot move its cursor: use --once");
  }
  fit();
  if (has_colours) prepare_colours();
  ::set_escdelay(kEscapeDelay);
  cbreak();
  noecho();
  curs_set(0);
  keypad(stdscr, true);
  nodelay(stdscr, true);
  return screen;
}

Screen::~Screen() {
  if (terminal_ != nullptr) {
    endwin();
    delscreen(terminal_);
  }
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

Size Screen::size() const {
  return {static_cast<std::size_t>(getmaxx(stdscr)), static_cast<std::size_t>(getmaxy(stdscr))};
}

void Screen::paint(const std::vector<Line>& lines) {
  erase();
  int row = 0;
  for (const auto& line : lines) {
    move(row++, 0);
    for (const auto& span : line) {
      attrset(static_cast<int>(attributes(span.style)));
      addstr(span.text.c_str());
    }
  }
  refresh();
}

/// The screen is as if nothing had been painted, unless the program is to end.
KeyPress Screen::on_signal() {
  ::signalfd_siginfo info{};
  if (::read(signals_.get(), &info, sizeof info) != sizeof info) return {};
  const auto signal = static_cast<int>(info.ssi_signo);
  if (signal == SIGTSTP) {
    endwin();
    ::raise(SIGSTOP);  // until SIGCONT
  } else if (signal != SIGWINCH) {
    return {Key::kQuit};
  }
  fit();
  clearok(curscr, true);
  return {};
}

Screen::Input Screen::wait(int fd, bool types_text) {
  for (;;) {
    // ncurses may hold keys that it has read already, so ask it before waiting.
    for (int key = getch(); key != ERR; key = getch()) {
      const auto press = types_text ? text_key(key) : KeyPress{command_key(key)};
      if (press.key != Key::kNone) return {press};
    }
    std::array<::pollfd, 3> waiting{
        {{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}, {fd, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return {{Key::kQuit}};
    if (waiting[1].revents != 0) return {on_signal()};
    if ((waiting[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return {{Key::kQuit}};
    if (waiting[2].revents != 0) return {.is_readable = true};
  }
}

}  // namespace mcq::cli
