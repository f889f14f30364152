#pragma once

#include "app/instance.hpp"
#include "app/json.hpp"
#include "app/served.hpp"

namespace mcq::app {

/// An Interface of the API.
template <Family F>
Json interface_status(const Instance<F>& instance, TimePoint now);
/// A Group of the API.
template <Family F>
Json group_status(const Instance<F>& instance, const core::Group<F>& group, TimePoint now);
/// A Host of the API.
template <Family F>
Json host_status(const Instance<F>& instance, const typename F::Address& address,
                 const core::KnownHost<F>& host, TimePoint now);

}  // namespace mcq::app
