#pragma once

#include "api/bridge_json.hpp"
#include "diagnose/verdict.hpp"
#include "instance/instance.hpp"
#include "instance/instance_table.hpp"
#include "text/json.hpp"

namespace mcq::api {

/// Whether all is well on a link.
template <Family F>
diagnose::Verdict verdict_of(const instance::Instance<F>& instance, TimePoint now);
/// An Interface of the API.
template <Family F>
text::Json interface_status(const instance::Instance<F>& instance, const NameOf& name_of,
                            TimePoint now);
/// A Group of the API.
template <Family F>
text::Json group_status(const instance::Instance<F>& instance, const core::Group<F>& group,
                        TimePoint now);
/// A Host of the API.
template <Family F>
text::Json host_status(const instance::Instance<F>& instance, const typename F::Address& address,
                       const core::KnownHost<F>& host, TimePoint now);

}  // namespace mcq::api
