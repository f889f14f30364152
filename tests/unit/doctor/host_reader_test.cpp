#include "doctor/host_reader.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <bit>
#include <filesystem>
#include <fstream>

namespace mcq::doctor {
namespace {

// As the kernel prints it on a little-endian machine.
constexpr const char* kIgmp =
    "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
    "1\tlo        :     1      V3\n"
    "\t\t\t\t010000E0     1 0:00000000\t\t0\n"
    "2\teth0      :     3      V2\n"
    "\t\t\t\t030201EF     1 1:00000042\t\t1\n"
    "\t\t\t\tFB0000E0     1 0:00000000\t\t0\n"
    "\t\t\t\t010000E0     1 0:00000000\t\t0\n"
    "3\teth1      :     1      V3\n"
    "\t\t\t\t040201EF     1 0:00000000\t\t0\n";

TEST(HostReader, ReadsJoinedGroups) {
  if constexpr (std::endian::native != std::endian::little) GTEST_SKIP();
  EXPECT_EQ(joined_groups4(kIgmp, "eth0"), (std::vector<IpAddress>{Ipv4Address{{239, 1, 2, 3}}}));
  EXPECT_EQ(joined_groups4(kIgmp, "eth1"), (std::vector<IpAddress>{Ipv4Address{{239, 1, 2, 4}}}));
}

TEST(HostReader, ReadsNoGroupsOfOtherInterfacesAndNoLinkLocalOnes) {
  EXPECT_TRUE(joined_groups4(kIgmp, "lo").empty());
  EXPECT_TRUE(joined_groups4(kIgmp, "eth").empty());
  EXPECT_TRUE(joined_groups4("", "eth0").empty());
  EXPECT_TRUE(joined_groups4("2\teth0 :\n\t\t\t\txyz 1\n", "eth0").empty());
}

TEST(HostReader, ReadsJoinedGroupsOfIpv6) {
  constexpr const char* kText =
      "1    lo              ff020000000000000000000000000001     1 0000000C 0\n"
      "2    eth0            ff150000000000000000000000000003     1 00000004 0\n"
      "2    eth0            ff020000000000000000000000000016     1 00000004 0\n"
      "2    eth0            ff15\n"
      "2    eth0            gg150000000000000000000000000003     1 00000004 0\n";
  const Ipv6Address group{{0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}};
  EXPECT_EQ(joined_groups6(kText, "eth0"), (std::vector<IpAddress>{group}));
  EXPECT_TRUE(joined_groups6(kText, "lo").empty());
}

/// A directory in the place of /proc.
class Proc {
 public:
  Proc() {
    std::string path = "/tmp/host-reader-XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~Proc() { std::filesystem::remove_all(path_); }
  Proc(const Proc&) = delete;
  Proc& operator=(const Proc&) = delete;

  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file{path_ + "/" + name};
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << text;
  }
  KernelFiles files() const { return {path_, path_}; }

 private:
  std::string path_;
};

TEST(HostReader, CountsDroppedPackets) {
  const Proc proc;
  EXPECT_EQ(receive_buffer_errors(proc.files()), 0U);
  proc.write("net/snmp",
             "Tcp: RcvbufErrors\nTcp: 9\n"
             "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\n"
             "Udp: 10 0 0 8 7 0\n"
             "UdpLite: InDatagrams RcvbufErrors\nUdpLite: 0 3\n");
  EXPECT_EQ(receive_buffer_errors(proc.files()), 7U);
  proc.write("net/snmp6", "Udp6InErrors  9\nUdp6RcvbufErrors  5\nUdpLite6RcvbufErrors 3\n");
  EXPECT_EQ(receive_buffer_errors(proc.files()), 12U);
}

TEST(HostReader, ReadsLimits) {
  const Proc proc;
  proc.write("sys/net/ipv4/igmp_max_memberships", "42\n");
  proc.write("sys/net/core/rmem_default", "65536\n");
  const auto host = read_host(proc.files());
  ASSERT_TRUE(host);
  EXPECT_EQ(host->limits.max_memberships, 42U);
  EXPECT_EQ(host->limits.receive_buffer, 65536U);
}

}  // namespace
}  // namespace mcq::doctor
