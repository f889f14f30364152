#include "cli/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cstring>

namespace mcq::cli {
namespace {

constexpr std::size_t kUsualColumns = 80;

std::optional<std::size_t> columns_of_terminal() {
  ::winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread changes it
  return value == nullptr ? "" : value;
}

bool speaks_utf8() {
  std::setlocale(LC_CTYPE, "");                              // NOLINT(concurrency-mt-unsafe)
  return std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;  // NOLINT(concurrency-mt-unsafe)
}

std::optional<std::size_t> columns_of_variable(const std::string& value) {
  std::size_t columns = 0;
  const auto* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, columns);
  const bool is_number = parsed.ec == std::errc{} && parsed.ptr == end;
  return is_number && columns > 0 ? std::optional{columns} : std::nullopt;
}

std::optional<std::size_t> known_columns() {
  if (const auto given = columns_of_variable(environment("COLUMNS"))) return given;
  const auto found = columns_of_terminal();
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  return found || !is_terminal ? found : std::optional{kUsualColumns};
}

std::size_t output_columns() { return known_columns().value_or(kUsualColumns); }

void OutputOptions::declare_color(CLI::App& command) {
  command
      .add_option("--color", color,
                  "use colours: auto (on a terminal, unless NO_COLOR is set), always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void OutputOptions::declare_wide(CLI::App& command) {
  command.add_flag("--wide", wide, "show all columns, however wide the terminal is");
}

bool OutputOptions::wants_colours(bool is_terminal, const std::string& no_color,
                                  const std::string& term) const {
  if (color != "auto") return color == "always";
  return is_terminal && no_color.empty() && !term.empty() && term != "dumb";
}

Output OutputOptions::output() const {
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  return {.columns = wide ? Output::kEndless : known_columns().value_or(Output::kEndless),
          .has_colours = wants_colours(is_terminal, environment("NO_COLOR"), environment("TERM")),
          .is_utf8 = speaks_utf8()};
}

}  // namespace mcq::cli
