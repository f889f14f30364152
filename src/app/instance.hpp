#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/anomalies.hpp"
#include "app/readable.hpp"
#include "core/querier.hpp"
#include "os/host_socket.hpp"
#include "os/interface_watcher.hpp"
#include "os/packet_socket.hpp"

namespace mcq::app {

struct Statistics {
  std::uint64_t queries_sent = 0;
  std::uint64_t elections_lost = 0;
};

/// The querier of one link with its sockets: packets and interface changes become events of the
/// core, and its actions become packets and log lines.
class Instance {
 public:
  /// What the instances of a process share.
  struct Surroundings {
    boost::asio::io_context& io;
    os::HostSocket& host;
    std::function<void()> deadline_changed;
    std::function<void()> role_changed;
  };

  Instance(std::string name, const core::Settings<Igmp>& settings, Random random,
           Surroundings surroundings);

  /// Tells what has become of the interface; null when there is none of that name.
  void interface_changed(const os::Interface* interface, TimePoint now);
  void reload(const core::Settings<Igmp>& settings, TimePoint now);
  /// Does what is due.
  void tick(TimePoint now);
  /// When tick is due; kNever when nothing is.
  TimePoint deadline() const { return std::min(querier_.deadline(), reopen_at_); }

  const Statistics& statistics() const { return statistics_; }
  /// "eth0: querier (192.168.1.10)", "eth0: waiting for link"
  std::string summary() const;
  /// What was dropped and what failed, by reason; empty when nothing.
  std::string anomalies() const;

 private:
  void log_start() const;
  void close_socket(TimePoint now);
  void open_socket(TimePoint now);
  void update_link(TimePoint now);
  std::string waiting_for() const;

  void receive();
  void handle(const os::Packet& packet, TimePoint now);
  void step(const core::Event<Igmp>& event, TimePoint now);
  void perform(const core::SendQuery<Igmp>& send, TimePoint now);
  void perform(const core::RoleChanged<Igmp>& changed, TimePoint now);
  void perform(const core::BurstBegan& burst, TimePoint now);
  void perform(const core::Noticed<Igmp>& noticed, TimePoint now);
  void drop(std::string_view reason, TimePoint now);
  std::string so_far(std::string_view reason) const;

  std::string name_;
  core::Settings<Igmp> settings_;
  core::Querier<Igmp> querier_;
  Surroundings surroundings_;
  Statistics statistics_;
  Anomalies anomalies_;

  std::optional<os::Interface> interface_;
  std::optional<os::PacketSocket> socket_;
  std::optional<Readable> readable_;
  TimePoint reopen_at_ = kNever;
  core::Link<Igmp> link_;
  std::string waiting_for_;
  MacAddress last_sender_{};
  bool has_started_ = false;
};

}  // namespace mcq::app
