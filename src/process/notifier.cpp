#include "process/notifier.hpp"

#include <chrono>
#include <cstdlib>

namespace mcq::process {
namespace {

constexpr std::chrono::seconds kTurn{1};
constexpr std::size_t kMaxStatus = 1024;  ///< bytes; systemd ignores messages of 4096 or more

}  // namespace

Notifier::Notifier(boost::asio::io_context& io) : turn_(io, kTurn, [this] { return take_turn(); }) {
  const char* name = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  if (name == nullptr) return;
  if (auto socket = os::DatagramWriter::open(name)) socket_ = *std::move(socket);
}

void Notifier::change_state(std::string_view state) {
  state_ = state;
  if (!send()) turn_.later();
}

void Notifier::alive() {
  is_alive_ = true;
  if (!send()) turn_.later();
}

void Notifier::status(std::string_view line) {
  status_ = line.substr(0, kMaxStatus);
  if (!turn_.is_due() && !take_turn()) turn_.later();
}

/// Sends everything except the status line. Returns false if systemd accepts nothing now.
bool Notifier::send() {
  std::string text = state_;
  if (is_alive_) text += text.empty() ? "WATCHDOG=1" : "\nWATCHDOG=1";
  if (!socket_ || text.empty()) return true;
  const auto sent = socket_->write(text);
  if (!sent && os::is_temporary(sent.error())) return false;
  state_.clear();
  is_alive_ = false;
  return true;
}

/// Sends what is due, status line included. Returns whether no further turn is needed; after a
/// status line one is, so that the next line waits for it.
bool Notifier::take_turn() {
  const bool is_done = send();
  if (!socket_ || status_ == sent_status_) return is_done;
  const auto sent = socket_->write("STATUS=" + status_);
  if (sent || !os::is_temporary(sent.error())) sent_status_ = status_;
  return false;
}

}  // namespace mcq::process
