#pragma once

#include <string>

#include "core/event.hpp"

namespace mcq::app {

/// What a notice of the core means to whoever reads the log: who did it, what became of it, and
/// which setting says otherwise.
template <Family F>
std::string explain(const core::Noticed<F>& noticed, const MacAddress& sender);

extern template std::string explain(const core::Noticed<Igmp>&, const MacAddress&);
extern template std::string explain(const core::Noticed<Mld>&, const MacAddress&);

}  // namespace mcq::app
