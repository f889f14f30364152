#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/snapshot.hpp"
#include "cli/styled_text.hpp"

namespace mcq::cli {

/// Which list `watch` shows, and how; the user changes it with keys.
struct ListChoice {
  enum class Kind : std::uint8_t { kGroups, kHosts };
  struct Order {
    std::size_t column = 0;
    bool reverse = false;
  };
  Kind kind = Kind::kGroups;
  std::array<Order, 2> orders{};  ///< by kind
  std::string filter{};           ///< shows only rows that contain it

  Order& order() { return orders[static_cast<std::size_t>(kind)]; }
  const Order& order() const { return orders[static_cast<std::size_t>(kind)]; }
};

/// A list in its order, without what the filter leaves out.
struct WatchList {
  Line heading{};
  std::vector<Line> rows{};
  std::size_t columns = 0;  ///< by which it can be sorted
  std::string sorted_by{};  ///< the title of that column
};

/// The characters of bars and curves.
struct Marks {
  static constexpr std::size_t kLevels = 8;
  std::string_view full, empty;
  std::array<std::string_view, kLevels> levels;
};
const Marks& marks(bool utf8);

/// Makes the list, with rows of at most `width` columns.
WatchList make_list(const Snapshot& snapshot, const ListChoice& choice, std::size_t width,
                    const Marks& marks);

}  // namespace mcq::cli
