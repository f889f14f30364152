#pragma once

#include "core/host_table.hpp"
#include "core/peer_queriers.hpp"
#include "diagnose/service_evidence.hpp"
#include "instance/instance.hpp"

namespace mcq::api {

/// What `instance` knows of its link, for the rules of diagnose/.
template <Family F>
diagnose::ServiceEvidence service_evidence(const instance::Instance<F>& instance, TimePoint now);

/// The elected querier, in the role non-querier; else null.
template <Family F>
const core::OtherQuerier<F>* other_querier(const instance::Instance<F>& instance);
/// Whether the time to answer the last General Query is over.
template <Family F>
bool is_answer_over(const instance::Instance<F>& instance, TimePoint now);
/// See HostTable::is_silent(). Only the querier hears all reports: a switch sends them to where
/// queries come from.
template <Family F>
bool is_silent(const instance::Instance<F>& instance, const core::KnownHost<F>& host,
               TimePoint now);

}  // namespace mcq::api
