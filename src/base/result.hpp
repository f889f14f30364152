#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace mcq {

/// An error message for users: one sentence, lower case, no full stop.
struct Error {
  std::string message;
  bool operator==(const Error&) const = default;
};

/// The value of a Result without a value.
struct Ok {
  bool operator==(const Ok&) const = default;
};

template <class E>
struct Failure {
  E error;
};

template <class E>
constexpr Failure<E> fail(E error) {
  return {std::move(error)};
}

inline Failure<Error> fail(std::string message) { return {Error{std::move(message)}}; }
inline Failure<Error> fail(const char* message) { return {Error{message}}; }

/// A value or an error. Has a part of the interface of std::expected (C++23). Accessing the member
/// it does not hold is a bug.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  constexpr Result(Failure<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  constexpr bool has_value() const { return state_.index() == 0; }
  constexpr explicit operator bool() const { return has_value(); }

  constexpr T& operator*() & { return get<0>(); }
  constexpr const T& operator*() const& { return get<0>(); }
  constexpr T&& operator*() && { return std::move(get<0>()); }
  constexpr T* operator->() { return &get<0>(); }
  constexpr const T* operator->() const { return &get<0>(); }
  constexpr E& error() & { return get<1>(); }
  constexpr const E& error() const& { return get<1>(); }
  constexpr E&& error() && { return std::move(get<1>()); }

  bool operator==(const Result&) const = default;

 private:
  template <std::size_t I>
  constexpr auto& get() {
    assert(state_.index() == I);
    return *std::get_if<I>(&state_);
  }
  template <std::size_t I>
  constexpr const auto& get() const {
    assert(state_.index() == I);
    return *std::get_if<I>(&state_);
  }

  std::variant<T, E> state_;
};

}  // namespace mcq
