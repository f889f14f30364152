#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "instance/instance_table.hpp"

namespace mcq::api {

/// Which part of the state is asked for.
struct Selection {
  std::optional<std::string> interface;
  std::optional<std::string> family;  ///< "ipv4" or "ipv6"
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();

  template <Family F>
  bool includes(const instance::Instance<F>& instance) const {
    return (!interface || *interface == instance.interface_name()) &&
           (!family || *family == F::kFamilyName);
  }
};

/// {"groups": [...]} or {"hosts": [...]}, made a piece at a time: the tables may be large, and
/// change meanwhile, and instances may come and go. A source for a body of the API.
template <class Content>
class ListStream {
 public:
  ListStream(const instance::InstanceTable& instances, Selection selection)
      : instances_(instances), selection_(std::move(selection)) {}

  /// The next piece; empty when that was all.
  std::string operator()();

 private:
  bool step(std::string& piece);
  template <Family F>
  bool visit(const std::optional<instance::Instance<F>>& instance, std::string& piece);

  const instance::InstanceTable& instances_;
  Selection selection_;
  std::string name_;  ///< of the interface that is next
  bool is_mld_ = false;
  std::size_t place_ = 0;  ///< in its table
  std::uint64_t listed_ = 0;
  bool has_begun_ = false, has_ended_ = false;
};

/// What a ListStream can be of.
struct Groups;
struct Hosts;

extern template class ListStream<Groups>;
extern template class ListStream<Hosts>;

}  // namespace mcq::api
