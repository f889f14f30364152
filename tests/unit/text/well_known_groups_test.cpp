#include "text/well_known_groups.hpp"

#include <gtest/gtest.h>

namespace mcq::text {
namespace {

struct Row {
  const char *group, *name;
};

void expect_names(std::initializer_list<Row> rows) {
  for (const auto& [group, name] : rows) {
    SCOPED_TRACE(group);
    EXPECT_EQ(well_known_group(std::string{group}), name);
  }
}

TEST(GroupNames, KnowAssignedAddresses) {
  expect_names({{"224.0.0.22", "IGMPv3 reports"},
                {"224.0.0.107", "PTP peer delay"},
                {"224.0.0.230", "Dante control"},
                {"224.0.0.233", "Dante control"},
                {"224.0.0.251", "mDNS"},
                {"224.0.0.252", "LLMNR"},
                {"224.0.1.1", "NTP"},
                {"224.0.1.129", "PTP"},
                {"224.0.1.132", "PTP"},
                {"224.0.23.12", "KNXnet/IP"},
                {"224.0.23.14", "DVB service discovery"},
                {"224.2.127.254", "SAP"},
                {"239.255.255.250", "SSDP (UPnP) or WS-Discovery"},
                {"239.255.255.253", "SLP"},
                {"239.255.255.255", "SAP"},
                {"239.195.255.255", "SAP"}});
}

TEST(GroupNames, TheirNeighboursAreOthers) {
  expect_names({{"224.0.0.229", ""},
                {"224.0.0.234", ""},
                {"224.0.0.250", ""},
                {"224.0.1.128", ""},
                {"224.0.1.133", ""},
                {"224.2.127.253", "SDP/SAP session"},
                {"224.3.0.0", ""},
                {"225.0.0.1", ""},
                {"238.255.255.255", ""},
                {"239.255.255.249", "Dante or NDI"},
                {"239.255.255.254", "Dante or NDI"}});
}

TEST(GroupNames, KnowRanges) {
  expect_names({{"232.1.2.3", "source-specific"},
                {"239.69.0.1", "AES67 (Dante)"},
                {"239.69.255.255", "AES67 (Dante)"},
                {"239.192.255.3", "Livewire advertising"},
                {"239.193.0.1", "Livewire backfeed"},
                {"239.1.2.3", "ka9q-radio or private"},
                {"239.68.255.255", "ka9q-radio or private"},
                {"239.70.0.0", "ka9q-radio or private"}});
}

TEST(GroupNames, KnowGroupsOfProducts) {
  expect_names({{"224.0.0.56", "PulseAudio or PipeWire"},
                {"224.76.78.75", "Ableton Link"},
                {"239.12.255.254", "SMA Speedwire"},
                {"239.192.152.143", "BitTorrent"},
                {"239.255.0.1", "DDS or sACN universe 1"},
                {"239.255.90.90", "Roon or sACN universe 23130"},
                {"239.255.250.133", "RDMnet LLRP"},
                {"239.255.250.134", "RDMnet LLRP"},
                {"ff02::ffff:efff:1", "DDS"},
                {"ff12::8384", "Syncthing"},
                {"ff15::efc0:988f", "BitTorrent"},
                {"ff18::85:0:0:85", "RDMnet LLRP"},
                {"ff18::85:0:0:86", "RDMnet LLRP"}});
}

TEST(GroupNames, NeighboursOfProductsAreOthers) {
  expect_names({{"224.0.0.55", ""},
                {"224.0.0.57", ""},
                {"224.76.78.76", ""},
                {"239.12.255.253", "ka9q-radio or private"},
                {"239.192.152.142", "ka9q-radio or private"},
                {"239.255.90.91", "sACN universe 23131 or Dante/NDI"},
                {"239.255.250.132", "Dante or NDI"},
                {"239.255.250.135", "Dante or NDI"},
                {"ff05::ffff:efff:1", ""},
                {"ff02::8384", ""},
                {"ff15::8384", ""},
                {"ff12::efc0:988f", ""},
                {"ff15::85:0:0:85", ""},
                {"ff18::85:0:0:87", ""},
                {"ff32::8384", "source-specific"}});
}

TEST(GroupNames, EtherNetIpHas1024BlocksBesideThoseOfLivewire) {
  expect_names({{"239.192.0.255", "Livewire audio"},
                {"239.192.1.0", "Livewire or EtherNet/IP"},
                {"239.192.127.255", "Livewire or EtherNet/IP"},
                {"239.192.128.0", "EtherNet/IP"},
                {"239.192.128.255", "EtherNet/IP"},
                {"239.192.129.0", "ka9q-radio or private"},
                {"239.191.255.255", "ka9q-radio or private"}});
}

TEST(GroupNames, Ka9qRadioAvoidsTheEthernetAddressesOfLocalControl) {
  expect_names({{"239.0.0.0", "private use"},
                {"239.0.0.255", "private use"},
                {"239.0.1.0", "ka9q-radio or private"},
                {"239.128.0.255", "private use"},
                {"239.128.1.0", "ka9q-radio or private"}});
}

TEST(GroupNames, TellUniversesOfSacn) {
  expect_names({{"239.255.0.0", "Dante or NDI"},
                {"239.255.0.2", "sACN universe 2 or Dante/NDI"},
                {"239.255.1.0", "sACN universe 256 or Dante/NDI"},
                {"239.255.249.255", "sACN universe 63999 or Dante/NDI"},
                {"239.255.250.0", "Dante or NDI"},
                {"239.255.250.214", "sACN discovery"},
                {"ff18::83:0:0:1", "sACN universe 1"},
                {"ff18::83:0:f9:ff", "sACN universe 63999"},
                {"ff18::83:0:fa:0", ""},
                {"ff18::83:0:fa:d6", "sACN discovery"},
                {"ff18::83:0:100:1", ""},
                {"ff18::8300:102", "sACN universe 258"},
                {"ff18::8300:0", ""},
                {"ff18::8301:1", ""},
                {"ff15::83:0:0:1", ""}});
}

TEST(GroupNames, KnowIpv6GroupsInTheirScopes) {
  expect_names({{"ff02::fb", "mDNS"},
                {"ff05::fb", "mDNS"},
                {"ff02::c", "SSDP (UPnP) or WS-Discovery"},
                {"ff08::c", "SSDP (UPnP) or WS-Discovery"},
                {"ff02::16", "MLDv2 reports"},
                {"ff05::16", ""},
                {"ff02::6b", "PTP peer delay"},
                {"ff0e::181", "PTP"},
                {"ff0e::185", ""},
                {"ff02::1:2", "DHCPv6"},
                {"ff05::1:2", ""},
                {"ff05::1:3", "DHCPv6"},
                {"ff02::1:3", "LLMNR"},
                {"ff0e::12d", "DVB service discovery"},
                {"ff0e::12c", ""},
                {"ff0e::2:7ffe", "SAP"},
                {"ff02::2:ff00:1", "node information queries"}});
}

TEST(GroupNames, SolicitedNodesHaveTheirPrefix) {
  expect_names({{"ff02::1:ff00:0", "solicited-node"},
                {"ff02::1:ffff:ffff", "solicited-node"},
                {"ff02::1:feff:ffff", ""},
                {"ff02::2:0:0", ""},
                {"ff05::1:ff00:0", ""}});
}

TEST(GroupNames, AddressesThatTheIanaDidNotAssignHaveNone) {
  expect_names({{"ff12::fb", ""},
                {"ff02:0:1::fb", ""},
                {"ff35::1234", "source-specific"},
                {"ff3e:30:2001:db8::fb", ""}});
}

TEST(GroupNames, WhatIsNoGroupHasNone) {
  expect_names({{"", ""}, {"192.168.1.1", ""}, {"fe80::fb", ""}, {"::", ""}, {"224.0.0.251 ", ""}});
}

}  // namespace
}  // namespace mcq::text
