#include "os/capture_file.hpp"

#include <dlfcn.h>
#include <pcap/pcap.h>

#include <array>
#include <utility>

namespace mcq::os {
namespace {

/// The functions of libpcap that are used. It stays loaded.
struct Library {
  void* handle = ::dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);
  decltype(&::pcap_open_offline_with_tstamp_precision) open = nullptr;
  decltype(&::pcap_next_ex) next = nullptr;
  decltype(&::pcap_geterr) error = nullptr;
  decltype(&::pcap_datalink) link_layer = nullptr;
  decltype(&::pcap_datalink_val_to_name) link_layer_name = nullptr;
  decltype(&::pcap_close) close = nullptr;

  Library() {
    find("pcap_open_offline_with_tstamp_precision", open);
    find("pcap_next_ex", next);
    find("pcap_geterr", error);
    find("pcap_datalink", link_layer);
    find("pcap_datalink_val_to_name", link_layer_name);
    find("pcap_close", close);
  }
  bool is_complete() const {
    return open != nullptr && next != nullptr && error != nullptr && link_layer != nullptr &&
           link_layer_name != nullptr && close != nullptr;
  }

 private:
  template <class Function>
  void find(const char* name, Function*& function) const {
    if (handle != nullptr) function = reinterpret_cast<Function*>(::dlsym(handle, name));
  }
};

const Library& library() {
  static const Library loaded;
  return loaded;
}

}  // namespace

struct CaptureFile::State {
  explicit State(pcap_t* opened) : file(opened) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { library().close(file); }

  pcap_t* file;
  std::uint64_t count = 0;
};

Result<CaptureFile> CaptureFile::open(const std::string& path) {
  if (!library().is_complete()) {
    return fail("cannot load libpcap.so.0.8, which reads captures: install the package libpcap0.8");
  }
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  auto* file = library().open(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
  if (file == nullptr) return fail(std::string{error.data()});
  return CaptureFile{std::make_shared<State>(file)};
}

int CaptureFile::link_layer() const { return library().link_layer(state_->file); }

std::string CaptureFile::link_layer_name() const {
  const char* name = library().link_layer_name(link_layer());
  return name == nullptr ? std::to_string(link_layer()) : name;
}

Result<std::optional<CapturedFrame>> CaptureFile::next() {
  pcap_pkthdr* header = nullptr;
  const unsigned char* bytes = nullptr;
  const int status = library().next(state_->file, &header, &bytes);
  if (status == PCAP_ERROR_BREAK) return std::optional<CapturedFrame>{};
  if (status != 1) return fail(std::string{library().error(state_->file)});
  // With this precision the field of microseconds counts nanoseconds.
  return std::optional{CapturedFrame{.number = ++state_->count,
                                     .time = std::chrono::seconds{header->ts.tv_sec} +
                                             std::chrono::nanoseconds{header->ts.tv_usec},
                                     .bytes = {bytes, header->caplen},
                                     .length = header->len}};
}

}  // namespace mcq::os
