#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "api/bridge_json.hpp"
#include "api/query_parameters.hpp"
#include "instance/instance_table.hpp"
#include "text/json.hpp"

namespace mcq::api {

/// Body source of {"groups": [...]}, {"hosts": [...]} or {..., "interfaces": [...]}. Makes a piece
/// at a time, since the tables may be large; tables and instances may change between two pieces.
template <class Content>
class ListStream {
 public:
  /// `before`: other members of the answer; an object or null. Only Interfaces needs `name_of`.
  ListStream(const instance::InstanceTable& instances, Selection selection,
             const text::Json& before = {}, NameOf name_of = {});

  /// Returns the next piece; empty after the last.
  std::string operator()();

 private:
  bool step(std::string& piece);
  template <Family F>
  bool visit(const std::unique_ptr<instance::Instance<F>>& instance, std::string& piece);

  const instance::InstanceTable& instances_;
  Selection selection_;
  NameOf name_of_;
  std::string begin_;  ///< of the answer; empty after the first piece
  std::string name_;   ///< of the next interface
  bool is_mld_ = false;
  std::size_t place_ = 0;  ///< in its table
  std::uint64_t listed_ = 0;
  bool has_ended_ = false;
};

/// Contents of a ListStream.
struct Groups;
struct Hosts;
struct Interfaces;

extern template class ListStream<Groups>;
extern template class ListStream<Hosts>;
extern template class ListStream<Interfaces>;

}  // namespace mcq::api
