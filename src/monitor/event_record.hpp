#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcq::monitor {

/// As syslog has them.
enum class Priority : std::uint8_t { kError = 3, kWarning = 4, kInfo = 6, kDebug = 7 };

enum class EventKind : std::uint8_t {
  kRoleChanged,
  kQuerierChanged,  ///< another querier is elected, without a change of our role
  kWaiting,         ///< for the interface, its link, an address
  kAddressChanged,  ///< ours
  kBurstBegan,
  kTopologyChanged,  ///< General Queries follow
  kGroupAdded,
  kGroupRemoved,
  kSourceRemoved,
  kHostJoined,
  kHostLeft,
  kHostSeen,  ///< first report of a host
  kDropped,   ///< a packet or a part of it was ignored
  kNoticed,   ///< a received packet shows something wrong
  kFailed,    ///< an operation of ours failed
  kNoLongerServed,
  kReloaded,
};

/// Their names, in that order.
inline constexpr std::array<std::string_view, 17> kEventKinds{
    "role-changed",     "querier-changed", "waiting",       "address-changed", "burst-began",
    "topology-changed", "group-added",     "group-removed", "source-removed",  "host-joined",
    "host-left",        "host-seen",       "dropped",       "noticed",         "failed",
    "no-longer-served", "reloaded"};

/// An event: a line of the log, an entry of the journal, an Event of the API.
struct EventRecord {
  EventKind kind{};
  Priority priority = Priority::kInfo;
  std::string message;       ///< the whole event as a sentence
  std::string interface {};  ///< empty for all interfaces
  std::string_view family{};
  /// Further members of the API's Event: name and value.
  std::vector<std::pair<std::string_view, std::string>> details{};
  std::optional<std::uint64_t> count{};  ///< occurrences so far
};

std::string_view to_string(EventKind kind);
std::string_view to_string(Priority priority);

/// As an Event of the API, on one line.
std::string to_json(const EventRecord& record, std::uint64_t id);
/// As fields of the journal, "NAME=value".
std::vector<std::string> journal_fields(const EventRecord& record);
/// An entry of such fields in the journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL). Each
/// field is cut after 8 KiB.
std::string journal_entry(const std::vector<std::string>& fields);

}  // namespace mcq::monitor
