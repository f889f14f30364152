#pragma once

#include <cstddef>

namespace mcq::cli {

/// Whether the locale uses UTF-8. Sets the locale: call before a second thread starts.
bool speaks_utf8();

/// The columns of the terminal; without one, $COLUMNS or 80.
std::size_t output_columns();

}  // namespace mcq::cli
