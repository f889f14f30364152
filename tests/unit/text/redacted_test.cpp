#include "text/redacted.hpp"

#include <gtest/gtest.h>

namespace mcq::text {
namespace {

TEST(Redacted, ReplacesTheMiddleOfAddresses) {
  struct Row {
    const char* given;
    const char* expected;
  };
  for (const auto& [given, expected] : {
           Row{"192.168.50.21 is here", "192.x.x.21 is here"},
           Row{"\"192.168.50.21/24\"", "\"192.x.x.21/24\""},
           Row{"from 192.168.50.21: it", "from 192.x.x.21: it"},
           Row{"from 192.168.50.21.", "from 192.x.x.21."},
           Row{"239.1.2.3", "239.1.2.3"},
           Row{"0.0.0.0", "0.0.0.0"},
           Row{"fe80::1:2:3", "fe80:x:3"},
           Row{"2001:db8::7, ff15::9", "2001:x:7, ff15::9"},
           Row{"02:00:5e:10:00:01", "02:00:5e:xx:xx:01"},
           Row{"dc:a6:32:01:02:03", "dc:a6:32:xx:xx:03"},
           Row{"01:00:5e:00:00:01", "01:00:5e:00:00:01"},
           Row{"version 2.0.0, 12:30, 1.5 s", "version 2.0.0, 12:30, 1.5 s"},
           Row{"eth0: dead.beef :: add", "eth0: dead.beef :: add"},
           Row{"", ""},
       }) {
    EXPECT_EQ(redacted(given, "pi"), expected);
  }
}

TEST(Redacted, ReplacesTheNameOfTheHost) {
  EXPECT_EQ(redacted("pi: pi.lan, spill, pi-2", "pi"), "host: host.lan, spill, pi-2");
  EXPECT_EQ(redacted("nothing", ""), "nothing");
}

}  // namespace
}  // namespace mcq::text
