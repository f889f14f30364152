#include "os/capture_file.hpp"

#include <pcap/pcap.h>

#include <array>
#include <utility>

#include "os/shared_library.hpp"

namespace mcq::os {
namespace {

/// The functions of libpcap that are used.
struct Library {
  decltype(::pcap_open_offline_with_tstamp_precision)& open;
  decltype(::pcap_next_ex)& next;
  decltype(::pcap_geterr)& error;
  decltype(::pcap_datalink)& link_layer;
  decltype(::pcap_datalink_val_to_name)& link_layer_name;
  decltype(::pcap_close)& close;
};

/// Loads the library, which then stays loaded; none if it is not installed.
std::optional<Library> load() {
  void* handle = load_library("libpcap.so.0.8");
  if (handle == nullptr) return std::nullopt;
  auto* open = find_function<decltype(::pcap_open_offline_with_tstamp_precision)>(
      handle, "pcap_open_offline_with_tstamp_precision");
  auto* next = find_function<decltype(::pcap_next_ex)>(handle, "pcap_next_ex");
  auto* error = find_function<decltype(::pcap_geterr)>(handle, "pcap_geterr");
  auto* link_layer = find_function<decltype(::pcap_datalink)>(handle, "pcap_datalink");
  auto* name =
      find_function<decltype(::pcap_datalink_val_to_name)>(handle, "pcap_datalink_val_to_name");
  auto* close = find_function<decltype(::pcap_close)>(handle, "pcap_close");
  if (open == nullptr || next == nullptr || error == nullptr || link_layer == nullptr ||
      name == nullptr || close == nullptr) {
    return std::nullopt;
  }
  return Library{*open, *next, *error, *link_layer, *name, *close};
}

}  // namespace

struct CaptureFile::State {
  State(const Library& loaded, pcap_t* opened) : library(loaded), file(opened) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { library.close(file); }

  Library library;
  pcap_t* file;
  std::uint64_t count = 0;
};

Result<CaptureFile> CaptureFile::open(const std::string& path) {
  const auto library = load();
  if (!library) {
    return fail("cannot load libpcap.so.0.8, which reads captures: install the package libpcap0.8");
  }
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  auto* file = library->open(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
  if (file == nullptr) return fail(std::string{error.data()});
  return CaptureFile{std::make_shared<State>(*library, file)};
}

int CaptureFile::link_layer() const { return state_->library.link_layer(state_->file); }

std::string CaptureFile::link_layer_name() const {
  const char* name = state_->library.link_layer_name(link_layer());
  return name == nullptr ? std::to_string(link_layer()) : name;
}

Result<std::optional<CapturedFrame>> CaptureFile::next() {
  pcap_pkthdr* header = nullptr;
  const unsigned char* bytes = nullptr;
  const int status = state_->library.next(state_->file, &header, &bytes);
  if (status == PCAP_ERROR_BREAK) return std::optional<CapturedFrame>{};
  if (status != 1) return fail(std::string{state_->library.error(state_->file)});
  // With this precision the field of microseconds counts nanoseconds.
  return std::optional{CapturedFrame{.number = ++state_->count,
                                     .time = std::chrono::seconds{header->ts.tv_sec} +
                                             std::chrono::nanoseconds{header->ts.tv_usec},
                                     .bytes = {bytes, header->caplen},
                                     .length = header->len}};
}

}  // namespace mcq::os
