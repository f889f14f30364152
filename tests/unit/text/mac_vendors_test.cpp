#include "text/mac_vendors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_directory.hpp"

namespace mcq::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kHeader = "Registry,Assignment,Organization Name,Organization Address\n";

/// A folder like Debian's with these lines in its registries.
struct Registries {
  void write(const std::string& name, const std::string& lines) const {
    std::ofstream{folder / name} << kHeader << lines;
  }
  MacVendors find(const std::vector<std::string>& macs) const {
    return load_mac_vendors(macs, folder / "");
  }
  TemporaryDirectory folder;
};

TEST(MacVendors, AreFoundByTheFirstThreeBytes) {
  const Registries registries;
  registries.write("oui.csv",
                   "MA-L,002272,Field Device Corp.,2181 Ferndale WA US\n"
                   "MA-L,00D0EF,IGT,9295 RENO NV US 89511 \n");
  EXPECT_THAT(registries.find({"00:d0:ef:01:02:03", "00:22:73:01:02:03", "00:22:72:ff:ff:ff"}),
              ElementsAre(Pair("00:22:72:ff:ff:ff", "Field Device Corp."),
                          Pair("00:d0:ef:01:02:03", "IGT")));
}

TEST(MacVendors, TheLongestBlockWins) {
  const Registries registries;
  registries.write("oui.csv", "MA-L,70B3D5,IEEE,\n");
  registries.write("mam.csv", "MA-M,70B3D5F,Middle,\n");
  registries.write("oui36.csv", "MA-S,70B3D5F2F,Small,\n");
  registries.write("iab.csv", "IAB,0050C27D5,Old,\n");
  EXPECT_THAT(registries.find({"70:b3:d5:f2:f0:01", "70:b3:d5:f2:e0:01", "70:b3:d5:e2:f0:01",
                               "00:50:c2:7d:5f:ff", "00:50:c2:7d:6f:ff"}),
              ElementsAre(Pair("00:50:c2:7d:5f:ff", "Old"), Pair("70:b3:d5:e2:f0:01", "IEEE"),
                          Pair("70:b3:d5:f2:e0:01", "Middle"), Pair("70:b3:d5:f2:f0:01", "Small")));
}

TEST(MacVendors, NamesMayBeQuoted) {
  const Registries registries;
  registries.write("oui.csv",
                   "MA-L,001111,\"Intel, \"\"the\"\" Corp \",\"Road, 1\"\r\n"
                   "MA-L,001112,  Plain  \r\n");
  EXPECT_THAT(registries.find({"00:11:11:00:00:01", "00:11:12:00:00:01"}),
              ElementsAre(Pair("00:11:11:00:00:01", "Intel, \"the\" Corp"),
                          Pair("00:11:12:00:00:01", "Plain")));
}

TEST(MacVendors, AddressesThatHostsMadeUpArePrivate) {
  const Registries registries;
  registries.write("oui.csv", "MA-L,020000,Nobody,\nMA-L,AA0000,Nobody,\nMA-L,040000,Someone,\n");
  EXPECT_THAT(
      registries.find({"02:00:00:00:00:01", "aa:00:00:00:00:01", "04:00:00:00:00:01"}),
      ElementsAre(Pair("02:00:00:00:00:01", "(private)"), Pair("04:00:00:00:00:01", "Someone"),
                  Pair("aa:00:00:00:00:01", "(private)")));
}

TEST(MacVendors, NothingIsKnownWithoutThePackage) {
  EXPECT_THAT(load_mac_vendors({"00:22:72:00:00:01"}, "/nonexistent"), IsEmpty());
}

TEST(MacVendors, WhatIsNoMacAddressHasNone) {
  const Registries registries;
  registries.write("oui.csv", "MA-L,,Nobody,\nMA-L,002272,Someone,\n");
  EXPECT_THAT(registries.find({"", "00:22:72", "00:22:72:00:00:0g", "00:22:72:00:00:01:02"}),
              IsEmpty());
}

TEST(MacVendors, NamesCannotCommandATerminal) {
  const Registries registries;
  registries.write("oui.csv", "MA-L,002272,\"Evil\x1b[31m\nMA-L,001111,Next,\n");
  EXPECT_THAT(
      registries.find({"00:22:72:00:00:01", "00:11:11:00:00:01"}),
      ElementsAre(Pair("00:11:11:00:00:01", "Next"), Pair("00:22:72:00:00:01", "Evil?[31m")));
}

TEST(MacVendors, GarbageIsSkipped) {
  const Registries registries;
  const std::string endless(100'000, 'x');
  registries.write("oui.csv", "\n,,,\n\"\"\"\nMA-L\nMA-L,001112\n" + endless + "\nMA-L,001111," +
                                  endless + "\nMA-L,002272,Someone,\nMA-L,001113,Last");
  registries.write("mam.csv", std::string{"\0\0\n\xff\xfe,\0", 6});
  EXPECT_THAT(registries.find({"00:22:72:00:00:01", "00:11:11:00:00:01", "00:11:12:00:00:01",
                               "00:11:13:00:00:01"}),
              ElementsAre(Pair("00:11:13:00:00:01", "Last"), Pair("00:22:72:00:00:01", "Someone")));
}

TEST(MacVendors, LongNamesAreCut) {
  const Registries registries;
  registries.write("oui.csv", "MA-L,002272," + std::string(200, 'n') + ",\n");
  EXPECT_THAT(registries.find({"00:22:72:00:00:01"}),
              ElementsAre(Pair("00:22:72:00:00:01", std::string(57, 'n') + "...")));
}

}  // namespace
}  // namespace mcq::text
