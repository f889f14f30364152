#pragma once

#include <CLI/App.hpp>
#include <algorithm>
#include <exception>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/streams.hpp"
#include "client/api_client.hpp"
#include "text/mac_vendors.hpp"
#include "text/printable.hpp"

namespace mcq::cli {

/// Parameters of a request by name. An empty value is one that was not given.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// "/v1/groups?interface=eth0&group=ff02%3A%3Afb"
std::string target(const std::string& path, const Parameters& parameters);

/// What the commands that ask the daemon have in common.
struct Client {
  std::string socket = kDefaultApiSocket;
  std::string interface;  ///< empty: all
  std::string family;     ///< "ipv4" or "ipv6"; empty: both
  bool json = false;

  /// -i and --api-socket
  void declare_daemon(CLI::App& command);
  /// These, and --json
  void declare(CLI::App& command);
  void declare_family(CLI::App& command);
  /// The answer of the daemon about the interface and family that were asked for.
  Result<nlohmann::json> get(const std::string& path, Parameters parameters = {}) const;
};

/// What to say when an answer lacks what it should have, or has it in another form.
std::string unexpected_answer(const std::exception& error);

/// Prints what `render` makes of answers of the daemon. They may be of another version than we
/// are: then it throws an exception of the JSON library, which becomes a failure.
ExitCode print(Streams io, const std::function<std::string()>& render);

/// JSON for people and programs to read, ASCII alone.
std::string pretty(const nlohmann::json& value);

/// A text from an answer, fit for a terminal; "-" for null.
std::string text(const nlohmann::json& value);

/// "4:02", "1:04:12", "3d04h"; "-" for null.
std::string clock_time(const nlohmann::json& seconds);

/// "60 s", "2.5 s"; "-" for null.
std::string in_seconds(const nlohmann::json& seconds);

using text::counted;

/// "02:00:00:00:00:01 (Maker of Cards)"
std::string with_vendor(const nlohmann::json& mac_address, const text::MacVendors& vendors);

/// An address as the daemon writes it, for one that a user wrote. Empty stays empty.
Result<std::string> canonical_address(const std::string& given);

/// Makes them canonical; fails at the first that is no address.
Result<Ok> make_canonical(std::initializer_list<std::string*> addresses);

/// Whether it is in the text, be it in capitals or not.
bool contains_ignoring_case(const std::string& text, const std::string& part);

/// The text with its paragraphs wrapped at 80 columns; lines but the first begin with `indent`
/// spaces.
std::string wrapped(const std::string& text, std::size_t indent);

/// Rows of cells in columns as wide as need be. A column with nothing in it is left out.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns, and lines that go below them.
  void add(std::vector<std::string> cells, std::vector<std::string> details = {});
  std::string text() const;

 private:
  struct Row {
    std::vector<std::string> cells, details;
  };
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

/// The items of an array in the order of their keys, smallest first; equals keep their order.
template <class KeyOf>
void sort_by(nlohmann::json& array, bool reverse, KeyOf key_of) {
  auto& items = array.get_ref<nlohmann::json::array_t&>();
  using Key = decltype(key_of(items.front()));
  std::vector<std::pair<Key, nlohmann::json>> keyed;
  keyed.reserve(items.size());
  for (auto& item : items) {
    auto key = key_of(item);
    keyed.emplace_back(std::move(key), std::move(item));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return reverse ? b.first < a.first : a.first < b.first;
  });
  std::transform(keyed.begin(), keyed.end(), items.begin(),
                 [](auto& pair) { return std::move(pair.second); });
}

}  // namespace mcq::cli
