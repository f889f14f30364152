#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/query_parameters.hpp"
#include "os/bridge.hpp"
#include "text/json.hpp"

namespace mcq::api {

/// Finds the name of an interface; empty for one that does not exist.
using NameOf = std::function<std::string(int index)>;

/// A Bridge of the API.
template <Family F>
text::Json bridge_status(const os::Bridge& bridge, const NameOf& name_of);

/// The entries of a BridgeTableStream.
struct EntrySelection {
  Selection general{};
  std::optional<IpAddress> group{};   ///< none: all, and routers
  std::optional<std::string> type{};  ///< "group" or "router"; none: both
};

/// Body source of {"entries": [...], "complete": true}: the tables of the bridges that are served,
/// read from the kernel while they are sent.
class BridgeTableStream {
 public:
  BridgeTableStream(const instance::InstanceTable& instances, EntrySelection selection,
                    NameOf name_of);

  /// Returns the next piece; empty after the last.
  std::string operator()();

 private:
  void append(const os::BridgeEntry& entry, std::string& piece);
  void append(const text::Json& entry, std::string& piece);
  bool is_wanted(const std::string& interface, const char* family) const;

  std::map<int, std::string> bridges_;  ///< names of those that are served
  EntrySelection selection_;
  NameOf name_of_;
  std::shared_ptr<os::BridgeTables> tables_;  ///< null after the last entry
  std::uint64_t listed_ = 0;
  bool has_begun_ = false, has_ended_ = false;
};

}  // namespace mcq::api
