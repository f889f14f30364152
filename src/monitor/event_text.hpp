#pragma once

#include <string>

#include "core/event.hpp"

namespace mcq::monitor {

/// "IGMPv2 General Query", "IGMPv3 query for 239.1.2.3 and 2 sources"
template <Family F>
std::string describe(const Query<F>& query);
/// Describes a change of role. Some texts are those of the original program.
template <Family F>
std::string explain(const core::RoleChanged<F>& changed, const std::string& waiting_for);
/// Describes a change of the topology: whose packet is the sign of it, and what follows.
template <Family F>
std::string explain(const core::TopologyChanged<F>& changed, const MacAddress& sender);
/// Describes a notice of the core: the sender, the consequence, and the setting that changes it.
template <Family F>
std::string explain(const core::Noticed<F>& noticed, const MacAddress& sender);

extern template std::string describe(const Query<Igmp>&);
extern template std::string describe(const Query<Mld>&);
extern template std::string explain(const core::TopologyChanged<Igmp>&, const MacAddress&);
extern template std::string explain(const core::TopologyChanged<Mld>&, const MacAddress&);
extern template std::string explain(const core::RoleChanged<Igmp>&, const std::string&);
extern template std::string explain(const core::RoleChanged<Mld>&, const std::string&);
extern template std::string explain(const core::Noticed<Igmp>&, const MacAddress&);
extern template std::string explain(const core::Noticed<Mld>&, const MacAddress&);

}  // namespace mcq::monitor
