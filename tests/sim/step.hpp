#pragma once

#include "sim/brain.hpp"

namespace mcq::sim {

/// What a step of a querier showed.
template <Family F>
struct Step {
  core::Event<F> event;
  core::Actions<F> actions;
  core::Role role_before{}, role{};
  TimePoint due_before, due_after;  ///< its deadlines, by its own clock
  bool is_stuck = false;            ///< one tick after the other and no end
  const Brain<F>& brain;            ///< afterwards
};

}  // namespace mcq::sim
