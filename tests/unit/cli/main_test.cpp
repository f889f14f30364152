#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "cli/check_config.hpp"
#include "cli/run.hpp"
#include "config/choose.hpp"
#include "daemon/daemon.hpp"
#include "support/run_command.hpp"

namespace mcq::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A file that is removed again.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    ::close(::mkstemp(path_.data()));
    std::ofstream{path_} << text;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "igmp-querier-XXXXXX";
};

TEST(RunCommand, AValueOutOfRangeIsWrongUsage) {
  const auto outcome = run(cli::Run{}, {"-i", "eth0", "-q", "0"});
  EXPECT_EQ(outcome.code, ExitCode::kWrongUsage);
  EXPECT_EQ(outcome.err,
            "igmp-querier: --query-interval '0' is not allowed: it must be 1 to 31744 seconds; "
            "the default is 60\n");
}

TEST(RunCommand, ContradictoryOptionsAreWrongUsage) {
  const auto outcome = run(cli::Run{}, {"-q", "10", "--max-response", "10"});
  EXPECT_EQ(outcome.code, ExitCode::kWrongUsage);
  EXPECT_THAT(outcome.err,
              HasSubstr("query-max-response-time (--max-response) is '10', but it must be below"));
}

TEST(RunCommand, OptionsThatContradictTheFileCannotRun) {
  const TemporaryFile file{"[interface.eth0.igmp]\nquery-interval = 8\n"};
  const auto outcome = run(cli::Run{}, {"--max-response", "9", "-c", file.path()});
  EXPECT_EQ(outcome.code, ExitCode::kCannotRun);
  EXPECT_THAT(outcome.err,
              HasSubstr("query-max-response-time (--max-response) is '9', but it must be below"));
}

TEST(RunCommand, ABrokenFileCannotRun) {
  const TemporaryFile file{"[defaults.igmp]\nversion = 9\n"};
  const auto outcome = run(cli::Run{}, {"-c", file.path()});
  EXPECT_EQ(outcome.code, ExitCode::kCannotRun);
  EXPECT_THAT(outcome.err, HasSubstr(file.path() + ":2: version '9' is not allowed"));
}

TEST(RunCommand, AnInterfaceThatCannotExistIsWrongUsage) {
  for (const auto* name : {"eth0/x", "a-name-of-16-byte", "two words", "line\nbreak", ".."}) {
    SCOPED_TRACE(name);
    const auto outcome = run(cli::Run{}, {"-i", name, "--wait"});
    EXPECT_EQ(outcome.code, ExitCode::kWrongUsage);
    EXPECT_THAT(outcome.err, HasSubstr("is not an interface name"));
  }
}

TEST(RunCommand, TheMldVersionIsChecked) {
  for (const auto* version : {"0", "3", "two"}) {
    SCOPED_TRACE(version);
    const auto outcome = run(cli::Run{}, {"--mld", version, "-i", "eth0"});
    EXPECT_EQ(outcome.code, ExitCode::kWrongUsage);
    EXPECT_EQ(outcome.err,
              "igmp-querier: --mld '" + std::string{version} +
                  "' is not allowed: it must be a whole number from 1 to 2; the default is 2\n");
  }
}

TEST(RunCommand, OptionsHoldForMldWhereItIsOn) {  // nothing but these contradictions ends it early
  const std::vector<std::string> words{"--max-response", "70", "-q", "125", "--igmp-version", "3"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    more.insert(more.end(), {"-c", "/nonexistent"});
    return run(cli::Run{}, more);
  };
  const TemporaryFile empty{""};
  auto mld = words;
  mld.insert(mld.end(), {"--mld", "1", "-c", empty.path()});
  EXPECT_THAT(run(cli::Run{}, mld).err, HasSubstr("MLDv1 can carry at most 65.535 seconds"));
  // The next thing to fail is the file: without MLD, or in version 2, the values are in order.
  EXPECT_THAT(with({}).err, HasSubstr("'/nonexistent'"));
  EXPECT_THAT(with({"--mld"}).err, HasSubstr("'/nonexistent'"));
}

TEST(RunCommand, SomethingMustRun) {
  const TemporaryFile file{"[defaults.igmp]\nenabled = false\n"};
  const auto outcome = run(cli::Run{}, {"-i", "eth0", "-c", file.path()});
  EXPECT_EQ(outcome.code, ExitCode::kCannotRun);
  EXPECT_EQ(outcome.err,
            "igmp-querier: neither IGMP nor MLD is enabled: one of them must be, or there is "
            "nothing to do\n");
}

TEST(RunCommand, MldOfTheCommandLineIsEnoughToRun) {
  struct Row {
    const char* text;
    std::vector<std::string> interfaces;
    const char* without_mld;  ///< what is said then
  };
  constexpr auto kNothing =
      "neither IGMP nor MLD is enabled: one of them must be, or there is nothing to do";
  for (const auto& [text, interfaces, without_mld] :
       {Row{"[defaults.igmp]\nenabled = false\n", {}, ""},
        Row{"[interface.eth0.igmp]\nenabled = false\n", {}, "test.toml:1: [interface.eth0]: "},
        Row{"[defaults.igmp]\nenabled = false\n[interface.eth1.mld]\n[interface.eth0]\n",
            {},
            "test.toml:4: [interface.eth0]: "},
        Row{"[defaults.igmp]\nenabled = false\n[interface.\"eth*\"]\n",
            {},
            "test.toml:3: [interface.eth*]: "},
        Row{"[defaults.igmp]\nenabled = false\n[interface.\"eth*\"]\n", {"eth0"}, ""}}) {
    SCOPED_TRACE(text);
    const auto config = config::parse_config(text, "test.toml");
    ASSERT_TRUE(config) << config.error().message;
    config::RunOptions options;
    options.interfaces = interfaces;
    const auto refused = config::check(options, *config);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, std::string{without_mld} + kNothing);
    config::set(options.choices.mld, "enabled", true);
    EXPECT_TRUE(config::check(options, *config));
  }
}

TEST(RunCommand, OnlyInterfacesThatAreServedNeedSomethingToRun) {
  const auto config = config::parse_config("[interface.eth0.igmp]\nenabled = false\n", "test.toml");
  ASSERT_TRUE(config) << config.error().message;
  config::RunOptions options;
  options.interfaces = {"eth1"};
  EXPECT_TRUE(config::check(options, *config));
  options.interfaces = {"eth1", "eth0"};
  EXPECT_FALSE(config::check(options, *config));
}

TEST(CheckConfigCommand, SaysThatNothingWouldRun) {
  for (const auto* text :
       {"[defaults.igmp]\nenabled = false\n", "[interface.eth0.igmp]\nenabled = false\n"}) {
    const TemporaryFile file{text};
    const auto outcome = run(CheckConfig{}, {file.path()});
    EXPECT_EQ(outcome.code, ExitCode::kCannotRun);
    EXPECT_THAT(outcome.err, HasSubstr("neither IGMP nor MLD is enabled"));
  }
}

TEST(CheckConfigCommand, PrintsMldWhereATableSpeaksOfIt) {
  const TemporaryFile without{"[interface.eth0]\n"};
  EXPECT_THAT(run(CheckConfig{}, {without.path()}).out, Not(HasSubstr(".mld]")));
  const TemporaryFile file{
      "[defaults.mld]\nlast-member-query-interval = 1.5\n[interface.eth0.mld]\nversion = 1\n"
      "[interface.eth1.igmp]\nenabled = false\n[interface.eth2.mld]\nenabled = false\n"};
  const auto outcome = run(CheckConfig{}, {file.path()});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  const auto table = [&](const std::string& title) {
    const auto begin = outcome.out.find("[" + title + "]\n");
    return begin == std::string::npos
               ? ""
               : outcome.out.substr(begin, outcome.out.find("\n\n", begin) - begin);
  };
  EXPECT_THAT(table("defaults.mld"), HasSubstr("\nlast-member-query-interval = 1.5\n"));
  EXPECT_THAT(table("defaults.mld"), HasSubstr("\n# enabled = true"));
  EXPECT_THAT(table("interface.\"eth0\".mld"), HasSubstr("\nversion = 1\n"));
  EXPECT_THAT(table("interface.\"eth1\".igmp"), HasSubstr("\nenabled = false"));
  EXPECT_THAT(table("interface.\"eth2\".mld"), HasSubstr("\nenabled = false"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("proxy = false\n# accept-unicast-query")));
  const TemporaryFile again{outcome.out};
  EXPECT_EQ(run(CheckConfig{}, {again.path()}).out, outcome.out);
}

TEST(CheckConfigCommand, PrintsListsAsAFileHasThem) {
  const TemporaryFile file{
      "[defaults.igmp]\ntrusted-queriers = [\"192.0.2.1\", \"198.51.100.0/24\"]\n"
      "[defaults.mld]\nignore-queriers = []\non-rogue-querier = \"ignore\"\n"};
  const auto out = run(CheckConfig{}, {file.path()}).out;
  EXPECT_THAT(out, HasSubstr("\ntrusted-queriers = [\"192.0.2.1\", \"198.51.100.0/24\"]\n"
                             "# ignore-queriers = []\n# on-rogue-querier = \"warn\"\n"));
  EXPECT_THAT(out, HasSubstr("\n# trusted-queriers = \"any\"\nignore-queriers = []\n"
                             "on-rogue-querier = \"ignore\"\n"));
  const TemporaryFile again{out};
  EXPECT_EQ(run(CheckConfig{}, {again.path()}).out, out);
}

TEST(CheckConfigCommand, PrintsNumbersToTheLastDigit) {
  const TemporaryFile file{"[defaults.igmp]\nquery-interval = 12345.678912345\n"};
  EXPECT_THAT(run(CheckConfig{}, {file.path()}).out,
              HasSubstr("\nquery-interval = 12345.678912345\n"));
}

TEST(CheckConfigCommand, WhatIsOffStaysOffHoweverItContradictsItself) {
  const TemporaryFile file{
      "[defaults.igmp]\nenabled = false\nquery-interval = 5\nquery-max-response-time = 10\n"
      "[defaults.mld]\n"};
  EXPECT_THAT(run(CheckConfig{}, {file.path()}).out,
              HasSubstr("[defaults.igmp]\nenabled = false\n\n[defaults.mld]\n"));
}

TEST(CheckConfigCommand, PrintsTheIntervalThatTheWireCarries) {  // IGMP-T-10
  const TemporaryFile file{"[defaults.igmp]\nversion = 3\nlast-member-query-interval = 13\n"};
  EXPECT_THAT(run(CheckConfig{}, {file.path()}).out,
              HasSubstr("\nlast-member-query-interval = 12.8\n"));
}

TEST(CheckConfigCommand, PrintsWhatIsInForceAsAFileThatMeansTheSame) {
  const TemporaryFile file{
      "[defaults.igmp]\nquery-interval = 30\n[interface.\"lan*\".igmp]\nversion = 3\n"};
  const auto outcome = run(CheckConfig{}, {file.path()});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, HasSubstr("\nquery-interval = 30\n"));
  EXPECT_THAT(outcome.out, HasSubstr("# startup-query-interval = 5\n"));
  EXPECT_THAT(outcome.out, HasSubstr("[interface.\"lan*\".igmp]\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\nversion = 3\n"));
  const TemporaryFile again{outcome.out};
  EXPECT_EQ(run(CheckConfig{}, {again.path()}).out, outcome.out);
}

TEST(CheckConfigCommand, NamesThatNeedQuotesAreReadBack) {
  const TemporaryFile file{"[interface.'a\"b\\c'.igmp]\nversion = 3\n[interface.\"eth0.20\"]\n"};
  const auto outcome = run(CheckConfig{}, {file.path()});
  EXPECT_THAT(outcome.out, HasSubstr("[interface.\"a\\\"b\\\\c\".igmp]"));
  const TemporaryFile again{outcome.out};
  EXPECT_EQ(run(CheckConfig{}, {again.path()}).out, outcome.out);
}

TEST(RunCommand, AnEmptyValueIsWrongUsage) {
  EXPECT_EQ(run(cli::Run{}, {"-q", ""}).code, ExitCode::kWrongUsage);
  EXPECT_THAT(run(cli::Run{}, {"-c", ""}).err, HasSubstr("cannot read the configuration file ''"));
}

TEST(CheckConfigCommand, EndsWithALineThatSaysThatAllIsRight) {
  const TemporaryFile file{"[interface.no-such-if]\n"};
  const auto outcome = run(CheckConfig{}, {file.path()});
  EXPECT_THAT(outcome.out,
              testing::EndsWith("\n# The configuration is correct. With it, run queries on no "
                                "interface yet; waits for no-such-if.\n"));
  const TemporaryFile wrong{"[interface.no-such-if]\nversion = 3\n"};
  EXPECT_THAT(run(CheckConfig{}, {wrong.path()}).out, Not(HasSubstr("correct")));
}

TEST(CheckConfigCommand, SaysWhatIsWrongInOneLine) {
  const TemporaryFile file{"[defaults.igmp]\nquery-interval = \"soon\"\n"};
  const auto outcome = run(CheckConfig{}, {file.path()});
  EXPECT_EQ(outcome.code, ExitCode::kCannotRun);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr(":2: query-interval '\"soon\"' is not allowed"));
  EXPECT_THAT(outcome.err.substr(0, outcome.err.size() - 1), Not(HasSubstr("\n")));
}

TEST(CheckConfigCommand, WarnsOfTheUnwise) {
  const TemporaryFile file{"[defaults.igmp]\nrobustness-variable = 1\n"};
  EXPECT_THAT(run(CheckConfig{}, {file.path()}).out, HasSubstr("# warning: robustness-variable"));
}

}  // namespace
}  // namespace mcq::cli
