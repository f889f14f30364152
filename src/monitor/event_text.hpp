#pragma once

#include <string>

#include "core/event.hpp"

namespace mcq::monitor {

/// "IGMPv2 General Query", "IGMPv3 query for 239.1.2.3 and 2 sources"
template <Family F>
std::string describe(const Query<F>& query);
/// What has become of our role, in the words that users search for.
template <Family F>
std::string explain(const core::RoleChanged<F>& changed, const std::string& waiting_for);
/// What a notice of the core means to whoever reads the log: who did it, what became of it, and
/// which setting says otherwise.
template <Family F>
std::string explain(const core::Noticed<F>& noticed, const MacAddress& sender);

extern template std::string describe(const Query<Igmp>&);
extern template std::string describe(const Query<Mld>&);
extern template std::string explain(const core::RoleChanged<Igmp>&, const std::string&);
extern template std::string explain(const core::RoleChanged<Mld>&, const std::string&);
extern template std::string explain(const core::Noticed<Igmp>&, const MacAddress&);
extern template std::string explain(const core::Noticed<Mld>&, const MacAddress&);

}  // namespace mcq::monitor
