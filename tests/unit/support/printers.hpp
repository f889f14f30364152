#pragma once

#include <ostream>

#include "core/event.hpp"
#include "wire/frame.hpp"
#include "wire/message.hpp"

// How GoogleTest shows our values when a comparison fails.

namespace mcq {

template <std::size_t Size>
void PrintTo(const Address<Size>& address, std::ostream* out) {
  for (std::size_t i = 0; i < Size; ++i) *out << (i == 0 ? "" : ".") << int{address.bytes[i]};
}

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

template <Family F>
void PrintTo(const Query<F>& q, std::ostream* out) {
  *out << F::kName << 'v' << static_cast<int>(q.version) << " query, group ";
  PrintTo(q.group, out);
  *out << ", " << q.sources.size() << " sources";
  for (std::size_t i = 0; i < q.sources.size() && i < 8; ++i) {
    *out << ' ';
    PrintTo(q.sources[i], out);
  }
  *out << ", response " << seconds(q.max_response) << " s, interval " << seconds(q.query_interval)
       << " s, robustness " << int{q.robustness} << (q.suppress ? ", S" : "");
}

template <Family F>
void PrintTo(const Report<F>& report, std::ostream* out) {
  *out << F::kName << 'v' << static_cast<int>(report.version) << " report of ";
  PrintTo(report.group, out);
}

template <Family F>
void PrintTo(const Leave<F>& leave, std::ostream* out) {
  *out << F::kName << " leave of ";
  PrintTo(leave.group, out);
}

inline void PrintTo(const RouterMessage& m, std::ostream* out) {
  constexpr const char* kWords[] = {"advertisement", "solicitation", "termination"};
  *out << kWords[static_cast<int>(m.type)] << ", every " << seconds(m.interval)
       << " s, query interval " << seconds(m.query_interval) << " s, robustness " << m.robustness;
}

template <class T, class E>
void PrintTo(const Result<T, E>& result, std::ostream* out) {
  *out << (result ? testing::PrintToString(*result)
                  : "failure: " + testing::PrintToString(result.error()));
}

namespace wire {

inline void PrintTo(ParseError error, std::ostream* out) { *out << to_string(error); }

}  // namespace wire

namespace core {

template <Family F>
void PrintTo(const SendRouterMessage<F>& send, std::ostream* out) {
  mcq::PrintTo(send.message, out);
  *out << " from ";
  mcq::PrintTo(send.source, out);
}

template <Family F>
void PrintTo(const SendQuery<F>& send, std::ostream* out) {
  *out << "send from ";
  PrintTo(send.source, out);
  *out << " to ";
  PrintTo(send.destination, out);
  *out << ": ";
  PrintTo(send.query, out);
}

template <Family F>
void PrintTo(const RoleChanged<F>& change, std::ostream* out) {
  *out << "role " << static_cast<int>(change.to) << ", cause " << static_cast<int>(change.cause)
       << ", querier ";
  PrintTo(change.querier, out);
}

inline void PrintTo(const BurstBegan& burst, std::ostream* out) {
  *out << "burst of " << burst.queries;
}

template <Family F>
void PrintTo(const MembershipChanged<F>& changed, std::ostream* out) {
  *out << "change " << static_cast<int>(changed.change) << " of ";
  PrintTo(changed.group, out);
  *out << ", source ";
  PrintTo(changed.source, out);
}

template <Family F>
void PrintTo(const HostChanged<F>& changed, std::ostream* out) {
  PrintTo(changed.host, out);
  *out << (changed.listens ? " joined " : " left ");
  PrintTo(changed.group, out);
}

template <Family F>
void PrintTo(const MemberLost<F>& lost, std::ostream* out) {
  PrintTo(lost.host, out);
  *out << " lost of ";
  PrintTo(lost.group, out);
}

template <Family F>
void PrintTo(const Noticed<F>& noticed, std::ostream* out) {
  *out << to_string(noticed.notice) << " from ";
  PrintTo(noticed.from, out);
}

}  // namespace core
}  // namespace mcq
