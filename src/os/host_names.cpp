#include "os/host_names.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace mcq::os {
namespace {

constexpr std::size_t kMaxName = 255;  ///< bytes; DNS has no longer ones

template <class Name>
std::optional<std::string> resolve(const Name& address) {
  std::array<char, NI_MAXHOST> name{};
  const int error = ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), sizeof address,
                                  name.data(), name.size(), nullptr, 0, NI_NAMEREQD);
  if (error == EAI_AGAIN || error == EAI_SYSTEM || error == EAI_MEMORY) return std::nullopt;
  return error == 0 && std::strlen(name.data()) <= kMaxName ? name.data() : std::string{};
}

bool is_link_local(const IpAddress& address) {
  const auto* v6 = std::get_if<Ipv6Address>(&address);
  return v6 != nullptr && v6->bytes[0] == 0xfe && (v6->bytes[1] & 0xc0) == 0x80;
}

}  // namespace

std::optional<std::string> resolve_host_name(const IpAddress& address) {
  if (const auto* v4 = std::get_if<Ipv4Address>(&address)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    std::memcpy(&name.sin_addr, v4->bytes.data(), v4->bytes.size());
    return resolve(name);
  }
  const auto& v6 = std::get<Ipv6Address>(address);
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  std::memcpy(&name.sin6_addr, v6.bytes.data(), v6.bytes.size());
  return resolve(name);
}

/// What the threads use, also after the object has gone.
struct HostNames::Shared {
  struct Entry {
    std::string name{};
    Clock::time_point asked{};
    bool is_pending = true;
    bool is_certain = false;  ///< the resolver could tell at the last lookup
  };

  Shared(Resolve function, Limits given) : resolve(std::move(function)), limits(given) {}

  /// Makes room for an address. Fails when all that are kept are in use.
  bool make_room(Clock::time_point now) {
    if (entries.size() < limits.addresses) return true;
    if (by_age.empty()) return false;
    const auto oldest = by_age.front();
    by_age.pop_front();
    const auto& entry = entries.at(oldest);
    if (entry.is_pending || now - entry.asked < 2 * limits.keep) {
      by_age.push_back(oldest);
      return false;
    }
    entries.erase(oldest);
    return true;
  }

  void look_up(const IpAddress& address) {
    waiting.push_back(address);
    ++pending;
    wake.notify_one();
  }

  /// Resolves addresses until `stop`.
  void work() {
    std::unique_lock lock{mutex};
    for (;;) {
      wake.wait(lock, [&] { return stop || !waiting.empty(); });
      if (stop) return;
      const auto address = waiting.front();
      waiting.pop_front();
      lock.unlock();
      auto name = try_resolve(address);
      lock.lock();
      auto& entry = entries.at(address);
      entry.is_certain = name.has_value();
      if (name) entry.name = *std::move(name);
      entry.is_pending = false;
      if (--pending == 0) done.notify_all();
    }
  }

  std::optional<std::string> try_resolve(const IpAddress& address) const {
    try {
      return resolve(address);
    } catch (const std::exception&) {  // such as std::bad_alloc
      return std::nullopt;
    }
  }

  Resolve resolve;
  Limits limits;
  std::mutex mutex;
  std::condition_variable wake, done;
  std::map<IpAddress, Entry> entries;
  std::deque<IpAddress> by_age;   ///< each of entries, about in the order of their lookup
  std::deque<IpAddress> waiting;  ///< for a thread
  std::size_t pending = 0;        ///< waiting or being resolved
  bool stop = false;
};

HostNames::HostNames(Resolve resolve, Limits limits)
    : shared_(std::make_shared<Shared>(std::move(resolve), limits)), threads_(limits.threads) {}

HostNames::~HostNames() {
  const std::lock_guard lock{shared_->mutex};
  shared_->stop = true;
  shared_->wake.notify_all();
}

/// Without a thread, as where the kernel refuses one, there are no names.
void HostNames::start_threads() {
  if (std::exchange(is_started_, true)) return;
  try {
    for (std::size_t i = 0; i < threads_; ++i) {
      std::thread{[shared = shared_] { shared->work(); }}.detach();
    }
  } catch (const std::system_error&) {
    return;
  }
}

std::string HostNames::find(const IpAddress& address, Clock::time_point now) {
  if (is_link_local(address)) return "";
  start_threads();
  const std::lock_guard lock{shared_->mutex};
  auto found = shared_->entries.find(address);
  if (found == shared_->entries.end()) {
    if (!shared_->make_room(now)) return "";
    shared_->entries[address].asked = now;
    shared_->by_age.push_back(address);
    shared_->look_up(address);
    return "";
  }
  auto& entry = found->second;
  const auto keep = entry.is_certain ? shared_->limits.keep : shared_->limits.retry;
  if (!entry.is_pending && now - entry.asked >= keep) {
    entry.is_pending = true;
    entry.asked = now;
    shared_->look_up(address);
  }
  return entry.name;
}

void HostNames::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock{shared_->mutex};
  shared_->done.wait_for(lock, limit, [&] { return shared_->pending == 0; });
}

}  // namespace mcq::os
