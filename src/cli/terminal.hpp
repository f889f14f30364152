#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "cli/styled_text.hpp"

namespace mcq::cli {

/// The value of an environment variable; empty when unset.
std::string environment(const char* name);

/// Whether the locale uses UTF-8. Sets the locale: call before a second thread starts.
bool speaks_utf8();

/// The number of columns that $COLUMNS gives; none unless it is a whole number above 0.
std::optional<std::size_t> columns_of_variable(const std::string& value);

/// $COLUMNS, or the columns of the terminal, 80 if it does not tell; none without either.
std::optional<std::size_t> known_columns();

/// known_columns(), or 80.
std::size_t output_columns();

/// How a user wants the output of a command: --color, --wide.
struct OutputOptions {
  std::string color = "auto";  ///< "auto", "always" or "never"
  bool wide = false;

  void declare_color(CLI::App& command);
  void declare_wide(CLI::App& command);
  /// Whether to use colours. `no_color` and `term`: the environment variables.
  bool wants_colours(bool is_terminal, const std::string& no_color, const std::string& term) const;
  /// What standard output can show, as far as it is wanted. Sets the locale.
  Output output() const;
};

}  // namespace mcq::cli
