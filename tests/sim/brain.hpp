#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "core/querier.hpp"

namespace mcq::sim {

/// What a station runs: the querier, or in the tests of the tests one with a mistake.
template <Family F>
class Brain {
 public:
  using Address = typename F::Address;

  Brain(core::Settings<F> settings, Random random) : inner_(std::move(settings), random) {}
  virtual ~Brain() = default;
  Brain(const Brain&) = delete;
  Brain& operator=(const Brain&) = delete;

  virtual core::Actions<F> step(const core::Event<F>& event, TimePoint now) {
    return inner_.step(event, now);
  }
  virtual TimePoint deadline() const { return inner_.deadline(); }
  /// The table of members.
  virtual const core::Group<F>* find(const Address& group) const {
    return inner_.groups().find(group);
  }
  virtual std::size_t groups() const { return inner_.groups().size(); }

  core::Role role() const { return inner_.role(); }
  Address querier() const { return inner_.querier(); }
  core::Timing timing() const { return inner_.timing(); }

 private:
  core::Querier<F> inner_;
};

template <Family F>
using MakeBrain = std::function<std::unique_ptr<Brain<F>>(const core::Settings<F>&, Random)>;

template <Family F, class Kind = Brain<F>>
std::unique_ptr<Brain<F>> make_brain(const core::Settings<F>& settings, Random random) {
  return std::make_unique<Kind>(settings, random);
}

}  // namespace mcq::sim
