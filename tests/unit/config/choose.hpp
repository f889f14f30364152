#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "config/option_values.hpp"

namespace mcq::config {

using List = std::vector<std::string>;

/// The value of an option as a file has it: true, 60, 0.5, "warn", List{"192.0.2.1"}.
struct Value : Given {
  Value(bool boolean) { value = boolean; }
  Value(double number) { value = number; }
  Value(int number) : Value(static_cast<double>(number)) {}
  Value(const char* word) { value = word; }
  Value(const List& list) {
    auto& entries = value.emplace<std::vector<Given>>();
    for (const auto& prefix : list) entries.push_back({"", prefix});
  }
};

/// Sets the option, which must be one of that protocol. The test fails if its value is not allowed.
template <Family F>
void set(OptionValues<F>& values, std::string_view name, const Value& value) {
  EXPECT_TRUE(values.set(*find_option<F>(name), value)) << name;
}

template <Family F>
OptionValues<F> choose(std::initializer_list<std::pair<std::string_view, Value>> options) {
  OptionValues<F> values;
  for (const auto& [name, value] : options) set(values, name, value);
  return values;
}

}  // namespace mcq::config
