#include "exporter/own_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace mcq::exporter {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> names(const std::string& host_name, const std::string& hosts_file = "",
                               const std::string& resolver = "") {
  std::istringstream hosts{hosts_file}, search{resolver};
  return own_names(host_name, hosts, search);
}

TEST(OwnNames, AreTheHostNameAndThoseInDomainsOutsideThePublicDns) {
  EXPECT_THAT(names("pi"), IsSupersetOf({"localhost", "pi", "pi.local", "pi.lan", "pi.home.arpa",
                                         "pi.internal"}));
  EXPECT_THAT(names("pi.example.org"), IsSupersetOf({"pi", "pi.lan"}));
  EXPECT_THAT(names("Pi.Office.lan"), IsSupersetOf({"pi", "pi.office.lan"}));
  EXPECT_THAT(names(""), ElementsAre("localhost"));
}

TEST(OwnNames, DoNotHaveAPublicDomainThatADhcpServerMayHaveChosen) {
  for (const auto* name : {"pi.example.org", "pi.fritz.box", "pi.xlan"}) {
    EXPECT_THAT(names(name), Not(Contains(name)));
  }
  EXPECT_THAT(names("pi.example.org", "192.0.2.1 pi.example.org\n"), Contains("pi.example.org"));
}

TEST(OwnNames, DoNotHaveNamesOfBlockedOrOtherMachines) {
  for (const auto* line :
       {"0.0.0.0 pi.tracker.example pi", ":: pi.tracker.example pi", "0.0.0.0 pi.tracker.example",
        "192.0.2.9 pi.tracker.example", "pi.tracker.example pi",
        "192.0.2.9 pi.tracker.example pi.other.example", "x pi.tracker.example pi"}) {
    EXPECT_THAT(names("pi", line), Not(Contains("pi.tracker.example"))) << line;
  }
  EXPECT_THAT(names("PI", "::1 Pi.Example.org pI"), Contains("pi.example.org"));
}

TEST(OwnNames, HaveTheFullNameOfTheAdministrator) {
  const auto all = names("pi",
                         "127.0.0.1 localhost\n# 10.0.0.1 pi.comment.example\n"
                         "127.0.1.1\tpi.example.org pi # pi.remark.example\n"
                         "10.0.0.2 other.example.org pix.example.org\n");
  EXPECT_THAT(all, Contains("pi.example.org"));
  for (const auto* name : {"pi.comment.example", "pi.remark.example", "other.example.org",
                           "pix.example.org", "127.0.1.1"}) {
    EXPECT_THAT(all, Not(Contains(name)));
  }
}

TEST(OwnNames, TakeASearchDomainOnlyIfNoStrangerCanHaveNamesInIt) {
  const auto all = names("pi", "",
                         "nameserver 192.0.2.1\ndomain office.lan\n"
                         "search fritz.box example.org com evil-lan xlan evil.fritz.box\n"
                         "# search comment.lan\noptions ndots:1\n");
  EXPECT_THAT(all, IsSupersetOf({"pi.office.lan", "pi.fritz.box"}));
  for (const auto* name : {"pi.example.org", "pi.com", "pi.evil-lan", "pi.xlan",
                           "pi.evil.fritz.box", "pi.comment.lan", "pi.search", "pi.domain"}) {
    EXPECT_THAT(all, Not(Contains(name))) << name;
  }
  EXPECT_THAT(names("pi"), Not(Contains("pi.fritz.box"))) << "no FRITZ!Box answers for it here";
}

}  // namespace
}  // namespace mcq::exporter
