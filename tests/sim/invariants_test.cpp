// Thousands of random runs, each an hour and a half of a random link's life. SIM_SEEDS=N runs N
// seeds per test, and SIM_SEED=N only that one, telling its story.

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include "sim/chaos.hpp"
#include "sim/families.hpp"

namespace mcq::sim {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

template <Family F>
void run_seeds(Climate climate, std::uint64_t runs = 300) {
  const auto only = from_environment("SIM_SEED", 0);
  const auto first = only == 0 ? 1 : only;
  const auto last = only == 0 ? from_environment("SIM_SEEDS", runs) : only;
  for (auto seed = first; seed <= last; ++seed) {
    Chaos<F> chaos(climate, seed);
    if (only != 0) chaos.link().world().verdict.tell_to(std::cout);
    chaos.play();
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    ASSERT_TRUE(keeps_the_rules(chaos.violations()))
        << "to replay: SIM_SEED=" << seed << ' ' << program_invocation_name
        << " --gtest_filter=" << test->test_suite_name() << '.' << test->name();
  }
}

template <class F>
struct Invariants : testing::Test {};
TYPED_TEST_SUITE(Invariants, Families, Names);

TYPED_TEST(Invariants, HoldWhileQueriersFail) { run_seeds<TypeParam>(Climate::kFailures); }
TYPED_TEST(Invariants, HoldWhilePacketsAreLost) { run_seeds<TypeParam>(Climate::kLosses); }
TYPED_TEST(Invariants, HoldWhateverHappens) { run_seeds<TypeParam>(Climate::kEverything); }
TYPED_TEST(Invariants, HoldWhileHostsComeAndGo) { run_seeds<TypeParam>(Climate::kLeaves, 100); }

}  // namespace
}  // namespace mcq::sim
