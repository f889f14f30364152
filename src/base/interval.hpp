#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace mcq {

/// A duration between MinMs and MaxMs milliseconds. The compiler checks literals, from() checks
/// configured values; a value out of range cannot exist. `Name` makes types distinct.
template <class Name, std::int64_t MinMs, std::int64_t MaxMs>
class Interval {
 public:
  static constexpr Duration kMin = std::chrono::milliseconds{MinMs};
  static constexpr Duration kMax = std::chrono::milliseconds{MaxMs};

  /// From a literal in any unit, such as 60s or 500ms.
  template <class Rep, class Period>
  consteval Interval(std::chrono::duration<Rep, Period> literal) : value_(literal) {
    if (!contains(value_)) throw "interval outside its range";
  }
  /// Returns none when `d` is out of range.
  static constexpr std::optional<Interval> from(Duration d) {
    return contains(d) ? std::optional{Interval{d, Checked{}}} : std::nullopt;
  }
  constexpr Duration get() const { return value_; }
  bool operator==(const Interval&) const = default;

 private:
  struct Checked {};
  constexpr Interval(Duration d, Checked) : value_(d) {}
  static constexpr bool contains(Duration d) { return kMin <= d && d <= kMax; }
  Duration value_;
};

/// A whole number between Min and Max; checked like Interval.
template <class Name, int Min, int Max>
class Number {
 public:
  static constexpr int kMin = Min;
  static constexpr int kMax = Max;

  consteval Number(int literal) : value_(literal) {
    if (!contains(literal)) throw "number outside its range";
  }
  /// Returns none when `n` is out of range.
  static constexpr std::optional<Number> from(int n) {
    return contains(n) ? std::optional{Number{n, Checked{}}} : std::nullopt;
  }
  constexpr int get() const { return value_; }
  bool operator==(const Number&) const = default;

 private:
  struct Checked {};
  constexpr Number(int n, Checked) : value_(n) {}
  static constexpr bool contains(int n) { return Min <= n && n <= Max; }
  int value_;
};

}  // namespace mcq
