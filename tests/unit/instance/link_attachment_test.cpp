#include "instance/link_attachment.hpp"

#include <boost/asio/io_context.hpp>

#include "support/monitor_rig.hpp"

namespace mcq::instance {
namespace {

struct NoHandler final : PacketHandler {
  void prefetch(const os::PacketSocket::PrefetchCandidates&) const override {}
  void received(const os::Packet&, os::Traffic, TimePoint) override {}
  void lost(os::Traffic, std::size_t, TimePoint) override {}
  void receive_failed(int, TimePoint) override {}
  void batch_done() override {}
};

class LinkAttachmentTest : public test::MonitorRig<Igmp> {
 protected:
  core::WaitReason reason_for(const os::Interface& interface) {
    attachment.update(&interface);
    attachment.attach(time(0s));
    return attachment.wait_reason();
  }
  boost::asio::io_context io;
  ReceiverPool<Igmp> receivers{io};
  NoHandler handler;
  LinkAttachment<Igmp> attachment{receivers, handler, monitor};
};

/// No interface has that index, so no socket can be opened.
const os::Interface kVlan{
    .index = 2'000'000'001, .name = "eth0.20", .up = true, .ethernet = true, .vlan = 20};

TEST_F(LinkAttachmentTest, WaitsWhileItsVlanHasAnInterface) {
  auto taken = kVlan;
  taken.has_vlan_device = true;
  EXPECT_EQ(reason_for(taken), core::WaitReason::kVlanDevice);
  EXPECT_EQ(attachment.deadline(), kNever);
  EXPECT_FALSE(attachment.link().up);
  EXPECT_EQ(reason_for(kVlan), core::WaitReason::kReceiver);
}

}  // namespace
}  // namespace mcq::instance
