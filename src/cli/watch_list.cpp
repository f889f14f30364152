#include "cli/watch_list.hpp"

#include <algorithm>
#include <cmath>

#include "cli/client.hpp"
#include "cli/list.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::cli {
namespace {

constexpr std::size_t kBarCells = 10, kNameWidth = 24;
/// A group with less than this part of its lifetime left has missed a query.
constexpr double kLittle = 0.25;
constexpr Marks kBlocks{"█", "░", {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}};
constexpr Marks kAscii{"#", ".", {"_", ".", ":", "-", "=", "+", "*", "#"}};

using enum Table::Align;

Span bar(const WatchedGroup& group, const Marks& marks) {
  const auto share = group.lifetime > 0 ? std::clamp(group.expire / group.lifetime, 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(std::lround(share * kBarCells));
  std::string text;
  for (std::size_t i = 0; i < kBarCells; ++i) text += i < full ? marks.full : marks.empty;
  return {text, share < kLittle ? Style::kWarning : Style::kGood};
}

template <class Row>
SortKey by_its_address(const Row& one) {
  auto key = by_address(to_string(one.address));
  key.text += one.interface;
  return key;
}

template <class Row>
Field<Row> interface_field(int rank, bool is_shown) {
  return {{"INTERFACE", kLeft, rank},
          [=](const Row& one) -> Span { return {is_shown ? one.interface : std::string{}}; },
          [](const Row& one) { return by_text(one.interface); }};
}

template <class Row>
Field<Row> version_field(int rank) {
  return {{"VER", kRight, rank},
          [](const Row& one) -> Span { return {std::to_string(one.version)}; },
          [](const Row& one) { return by_number(static_cast<double>(one.version)); }};
}

/// `marks` must outlive the fields.
Fields<WatchedGroup> group_fields(bool names_interfaces, const Marks& marks) {
  using Row = WatchedGroup;
  const auto hosts = [](const Row& one) { return static_cast<double>(one.hosts.value_or(0)); };
  const auto name = [](const Row& one) { return text::well_known_group(one.address); };
  return {
      {{"GROUP"},
       [](const Row& one) -> Span { return {to_string(one.address)}; },
       by_its_address<Row>},
      interface_field<Row>(5, names_interfaces),
      {{"EXPIRES", kLeft, 6},
       [&marks](const Row& one) { return bar(one, marks); },
       [](const Row& one) { return by_number(one.expire); }},
      {{"IN", kRight, 1},
       [](const Row& one) -> Span { return {clock_time(one.expire)}; },
       [](const Row& one) { return by_number(one.expire); }},
      {{"HOSTS", kRight, 2},
       [](const Row& one) -> Span { return {one.hosts ? std::to_string(*one.hosts) : "-"}; },
       [=](const Row& one) { return by_number(hosts(one)); }},
      version_field<Row>(8),
      {{"LAST REPORTER", kLeft, 7},
       [](const Row& one) -> Span { return {one.last_reporter}; },
       [](const Row& one) { return by_address(one.last_reporter); }},
      {{"NAME", kLeft, 3, kNameWidth},
       [=](const Row& one) -> Span { return {name(one)}; },
       [=](const Row& one) { return by_text(name(one)); }},
  };
}

Fields<WatchedHost> host_fields(bool names_interfaces) {
  using Row = WatchedHost;
  return {
      {{"HOST"},
       [](const Row& one) -> Span {
         return {to_string(one.address) + (one.silent ? " ?" : ""),
                 one.silent ? Style::kWarning : Style::kPlain};
       },
       by_its_address<Row>},
      {{"HOST NAME", kLeft, 3, kNameWidth},
       [](const Row& one) -> Span { return {one.name}; },
       [](const Row& one) { return by_text(one.name); }},
      interface_field<Row>(4, names_interfaces),
      {{"MAC ADDRESS", kLeft, 5},
       [](const Row& one) -> Span { return {one.mac_address}; },
       [](const Row& one) { return by_text(one.mac_address); }},
      version_field<Row>(8),
      {{"FIRST SEEN", kRight, 7},
       [](const Row& one) -> Span { return {clock_time(one.up_time)}; },
       [](const Row& one) { return by_number(one.up_time); }},
      {{"LAST REPORT", kRight, 1},
       [](const Row& one) -> Span { return {clock_time(one.last_report)}; },
       [](const Row& one) { return by_number(one.last_report); }},
  };
}

bool contains(const Line& cells, const std::string& part) {
  return std::any_of(cells.begin(), cells.end(),
                     [&](const Span& cell) { return contains_ignoring_case(cell.text, part); });
}

template <class Row>
WatchList list_of(std::vector<Row> rows, const Fields<Row>& fields, const ListChoice& choice,
                  std::size_t width) {
  const auto column = std::min(choice.order().column, fields.size() - 1);
  const auto& title = fields[column].column.title;
  sort_rows(rows, fields, word_of(title), choice.order().reverse);
  auto table = table_of(fields);
  for (const auto& row : rows) {
    auto cells = cells_of(fields, row);
    if (choice.filter.empty() || contains(cells, choice.filter)) table.add(std::move(cells));
  }
  auto lines = table.lines(width);
  WatchList made{.heading = std::move(lines.front()), .columns = fields.size(), .sorted_by = title};
  lines.erase(lines.begin());
  made.rows = std::move(lines);
  return made;
}

}  // namespace

const Marks& marks(bool utf8) { return utf8 ? kBlocks : kAscii; }

WatchList make_list(const Snapshot& snapshot, const ListChoice& choice, std::size_t width,
                    const Marks& marks) {
  const auto& all = snapshot.interfaces;
  const bool is_single =
      std::all_of(all.begin(), all.end(), [&](const auto& one) { return one.name == all[0].name; });
  if (choice.kind == ListChoice::Kind::kHosts) {
    return list_of(snapshot.hosts, host_fields(!is_single), choice, width);
  }
  return list_of(snapshot.groups, group_fields(!is_single, marks), choice, width);
}

}  // namespace mcq::cli
