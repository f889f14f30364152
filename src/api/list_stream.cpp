#include "api/list_stream.hpp"

#include <optional>
#include <utility>

#include "api/status_json.hpp"
#include "os/clock.hpp"

namespace mcq::api {
namespace {

constexpr std::size_t kPiece = 16UL * 1024;  ///< bytes after which a piece is large enough
constexpr int kStepsPerPiece = 64;           ///< also where there is nothing to list

}  // namespace

/// Calls `list` with what makes the JSON of some, from `place` on, until it returns false.
struct Groups {
  static constexpr const char* kName = "groups";

  template <Family F, class List>
  static std::optional<std::size_t> visit_some(const instance::Instance<F>& instance,
                                               std::size_t place, TimePoint now, const NameOf&,
                                               List list) {
    return instance.querier().groups().visit_some(
        static_cast<std::uint32_t>(place), [&](const core::Group<F>& group) {
          return list([&] { return group_status(instance, group, now); });
        });
  }
};

struct Hosts {
  static constexpr const char* kName = "hosts";

  template <Family F, class List>
  static std::optional<std::size_t> visit_some(const instance::Instance<F>& instance,
                                               std::size_t place, TimePoint now, const NameOf&,
                                               List list) {
    return instance.monitor().hosts().visit_some(place, [&](const auto& address, const auto& host) {
      list([&] { return host_status(instance, address, host, now); });
    });
  }
};

struct Interfaces {
  static constexpr const char* kName = "interfaces";

  template <Family F, class List>
  static std::optional<std::size_t> visit_some(const instance::Instance<F>& instance, std::size_t,
                                               TimePoint now, const NameOf& name_of, List list) {
    list([&] { return interface_status(instance, name_of, now); });
    return std::nullopt;
  }
};

template <class Content>
ListStream<Content>::ListStream(const instance::InstanceTable& instances, Selection selection,
                                const text::Json& before, NameOf name_of)
    : instances_(instances), selection_(std::move(selection)), name_of_(std::move(name_of)) {
  const auto members = before.is_null() ? "{}" : text::dump(before);
  begin_ = members.substr(0, members.size() - 1) + (before.empty() ? "\"" : ",\"") +
           Content::kName + "\":[";
}

template <class Content>
std::string ListStream<Content>::operator()() {
  if (has_ended_) return "";
  auto piece = std::exchange(begin_, "");
  for (int i = 0; i < kStepsPerPiece && piece.size() < kPiece && !has_ended_; ++i) {
    has_ended_ = !step(piece);
  }
  // Nothing in it would mean the end; a line break means nothing.
  return has_ended_ ? piece + "]}\n" : piece.empty() ? "\n" : piece;
}

/// Lists some; false when that was all.
template <class Content>
bool ListStream<Content>::step(std::string& piece) {
  const auto at = instances_.lower_bound(name_);
  if (at == instances_.end() || listed_ >= selection_.limit) return false;
  const auto& [name, instances] = *at;
  if (name != name_) {
    name_ = name;
    is_mld_ = false;
    place_ = 0;
  }
  const bool done = is_mld_ ? visit(instances.mld, piece) : visit(instances.igmp, piece);
  if (!done) return true;
  place_ = 0;
  if (std::exchange(is_mld_, !is_mld_)) name_ += '\0';  // the first name behind this one
  return true;
}

/// True when there is nothing more to list of it.
template <class Content>
template <Family F>
bool ListStream<Content>::visit(const std::unique_ptr<instance::Instance<F>>& instance,
                                std::string& piece) {
  if (!instance || !selection_.includes(*instance)) return true;
  const auto next =
      Content::visit_some(*instance, place_, os::now(), name_of_, [&](const auto& make) {
        if (listed_ >= selection_.limit) return false;
        piece += (listed_ == 0 ? "\n" : ",\n") + text::dump(make());
        ++listed_;
        return piece.size() < kPiece;
      });
  place_ = next.value_or(0);
  return !next;
}

template class ListStream<Groups>;
template class ListStream<Hosts>;
template class ListStream<Interfaces>;

}  // namespace mcq::api
