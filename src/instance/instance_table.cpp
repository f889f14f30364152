#include "instance/instance_table.hpp"

#include <string_view>

namespace mcq::instance {
namespace {

constexpr std::size_t kMaxSummaries = 8;  ///< of interfaces, each in words of its own

}  // namespace

void detach_replaced_interfaces(
    InstanceTable& all, const std::function<std::optional<os::Interface>(const std::string&)>& find,
    TimePoint now) {
  for_each_instance(all, [&](auto& instance) {
    const auto found = find(instance.interface_name());
    const auto& known = instance.interface();
    const bool is_same = found && known && known->link() == found->link();
    if (!is_same) instance.interface_changed(nullptr, now);
  });
}

std::string summary(const InstanceTable& all) {
  std::string text;
  if (all.size() <= kMaxSummaries) {
    for_each_instance(all, [&](const auto& instance) {
      text += (text.empty() ? "" : "; ") + instance.summary();
    });
    return text;
  }
  std::map<std::string_view, std::size_t> roles;
  for_each_instance(all,
                    [&](const auto& instance) { ++roles[to_string(instance.querier().role())]; });
  text = std::to_string(all.size()) + " interfaces";
  for (const auto& [role, count] : roles) {
    text += (role == roles.begin()->first ? ": " : ", ") + std::to_string(count) + " ";
    text += role;
  }
  return text;
}

}  // namespace mcq::instance
