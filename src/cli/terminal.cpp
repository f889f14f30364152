#include "cli/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <clocale>
#include <cstring>

#include "cli/screen.hpp"

namespace mcq::cli {

bool speaks_utf8() {
  std::setlocale(LC_CTYPE, "");                              // NOLINT(concurrency-mt-unsafe)
  return std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;  // NOLINT(concurrency-mt-unsafe)
}

std::size_t output_columns() {
  ::winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const auto text = environment("COLUMNS");
  std::size_t columns = 0;
  std::from_chars(text.data(), text.data() + text.size(), columns);
  return columns > 0 ? columns : Size{}.columns;
}

}  // namespace mcq::cli
