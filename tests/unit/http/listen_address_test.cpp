#include "http/listen_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::http {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, IsAnAddressAndAPort) {
  struct Row {
    const char* text;
    IpAddress address;
    std::uint16_t port;
  };
  const Ipv6Address one{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  for (const auto& [text, address, port] :
       {Row{"127.0.0.1:9788", Ipv4Address{{127, 0, 0, 1}}, 9788},
        Row{"0.0.0.0:1", Ipv4Address{}, 1}, Row{"[::1]:65535", one, 65535},
        Row{"[::]:80", Ipv6Address{}, 80}}) {
    SCOPED_TRACE(text);
    const auto parsed = parse_listen_address(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, (ListenAddress{address, port}));
    EXPECT_EQ(to_string(*parsed), text);
  }
}

TEST(ListenAddress, SaysWhatIsWrong) {
  struct Row {
    const char *text, *why;
  };
  for (const auto& [text, why] :
       {Row{"", "no address"}, Row{":9788", "no address"}, Row{"9788", "no address"},
        Row{"localhost:9788", "no address"}, Row{"::1:9788", "no address"},
        Row{"[127.0.0.1]:9788", "no address"}, Row{"[::1:9788", "no address"},
        Row{"[::1]9788", "no address"}, Row{"127.0.0.1.:9788", "no address"},
        Row{"127.0.0.1", "no port"}, Row{"[::1]", "no port"},
        Row{"127.0.0.1:", "no port from 1 to 65535"}, Row{"127.0.0.1:0", "no port from 1 to 65535"},
        Row{"127.0.0.1:65536", "no port from 1 to 65535"},
        Row{"127.0.0.1:-1", "no port from 1 to 65535"},
        Row{"127.0.0.1:97 88", "no port from 1 to 65535"},
        Row{"127.0.0.1:9788:1", "no port from"}}) {
    SCOPED_TRACE(text);
    const auto parsed = parse_listen_address(text);
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message, HasSubstr("'" + std::string{text} + "' has " + why));
    EXPECT_THAT(parsed.error().message, HasSubstr("127.0.0.1:9788 or [::1]:9788"));
  }
}

TEST(ListenAddress, ReachesOtherMachinesOrNot) {
  for (const auto* text : {"127.0.0.1", "127.255.0.9", "::1"}) {
    EXPECT_TRUE(is_loopback(*parse_address(text))) << text;
  }
  for (const auto* text :
       {"0.0.0.0", "128.0.0.1", "192.168.1.10", "::", "::2", "fe80::1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(is_loopback(*parse_address(text))) << text;
  }
}

TEST(HostHeader, SaysAnAddressOrANameOfOurs) {
  for (const auto* host : {"127.0.0.1", "127.0.0.1:9788", "192.168.1.10:80", "[::1]", "[::1]:9788",
                           "[fe80::1]:1", "localhost", "LocalHost:9788", "localhost.",
                           "localhost:", "radio.local:9788", "radio.local.:9788"}) {
    EXPECT_TRUE(is_host_allowed(host, {"localhost", "Radio.local"})) << host;
  }
}

TEST(HostHeader, OrIsThatOfSomebodyElse) {
  for (const auto* host : {"",
                           ":",
                           ":9788",
                           ".",
                           "evil.example",
                           "evil.example:9788",
                           "localhost.evil.example",
                           "evil-localhost",
                           "localhost..",
                           "127.0.0.1.evil.example",
                           "127.0.0.1@evil.example",
                           "evil.example#127.0.0.1",
                           "[localhost]",
                           "[::1",
                           "[127.0.0.1]",
                           "::1",
                           "localhost:x",
                           "localhost:0",
                           "localhost:65536",
                           "radio",
                           "2130706433",
                           "0x7f.1",
                           " localhost",
                           "localhost ",
                           "localhost/",
                           "user@localhost"}) {
    EXPECT_FALSE(is_host_allowed(host, {"localhost", "radio.local"})) << host;
  }
}

TEST(HostHeader, WithoutNamesOnlyAddressesAreAllowed) {
  EXPECT_TRUE(is_host_allowed("10.0.0.1", {}));
  EXPECT_FALSE(is_host_allowed("localhost", {}));
}

TEST(HostHeader, AnAllowedNameMayBeAbsolute) {
  EXPECT_TRUE(is_host_allowed("pi.example.org", {"pi.example.org."}));
  EXPECT_TRUE(is_host_allowed("pi.example.org.", {"pi.example.org."}));
  EXPECT_FALSE(is_host_allowed("pi.example.org..", {"pi.example.org."}));
  EXPECT_FALSE(is_host_allowed("", {"."}));
}

}  // namespace
}  // namespace mcq::http
