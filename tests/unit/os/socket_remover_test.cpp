#include "os/socket_remover.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace mcq::os {
namespace {

/// Any file will do.
void make(const std::string& path) { std::ofstream{path} << "x"; }

/// Waits for the child process that removes it.
void wait_for_child() { ASSERT_GT(::waitpid(-1, nullptr, 0), 0); }

TEST(SocketRemover, RemovesItWhenNobodyHoldsTheOtherEnd) {
  const TemporaryDirectory directory;
  const auto path = directory / "api.sock";
  make(path);
  {
    const auto held = remove_at_end(path);
    ASSERT_TRUE(held);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << "the child waits";
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  wait_for_child();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SocketRemover, SparesWhatHasReplacedIt) {
  const TemporaryDirectory directory;
  const auto path = directory / "api.sock";
  make(path);
  {
    const auto held = remove_at_end(path);
    ASSERT_TRUE(held);
    make(path + ".new");
    std::filesystem::rename(path + ".new", path);
  }
  wait_for_child();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(SocketRemover, FailsWithoutASocket) { EXPECT_FALSE(remove_at_end("/no/such/api.sock")); }

TEST(CanRemove, IsARightOfTheFolder) {
  const TemporaryDirectory directory;
  const auto path = directory / "api.sock";
  const Account owner{"me", ::geteuid(), ::getegid()}, other{"other", 12345, 12345};
  const auto group = Account{"group", 12345, ::getegid()};
  const auto set = [&](mode_t mode) { ::chmod((directory / "").c_str(), mode); };
  set(0755);
  EXPECT_TRUE(can_remove(path, owner));
  EXPECT_FALSE(can_remove(path, group));
  EXPECT_FALSE(can_remove(path, other));
  set(0577);
  EXPECT_FALSE(can_remove(path, owner));
  EXPECT_TRUE(can_remove(path, group));
  EXPECT_TRUE(can_remove(path, other));
  set(0755);
  EXPECT_FALSE(can_remove("/no/such/api.sock", owner));
}

}  // namespace
}  // namespace mcq::os
