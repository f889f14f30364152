#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace mcq::os {

/// A captured frame. `bytes` is valid until the next one is read.
struct CapturedFrame {
  std::uint64_t number = 0;  ///< from 1, as other tools count
  Duration time{};           ///< since 1970
  std::span<const std::uint8_t> bytes;
  std::size_t length = 0;  ///< of the frame on the wire; more than bytes.size() if it was cut
};

/// A capture file, pcap or pcapng, read frame by frame by libpcap, which is loaded for it: the
/// daemon does not need it.
class CaptureFile {
 public:
  /// Opens `path`; "-" is standard input. The error says what is wrong with the file, or which
  /// package is missing.
  static Result<CaptureFile> open(const std::string& path);

  /// The link layer of all frames: a DLT_ number of libpcap.
  int link_layer() const;
  /// Its name, "EN10MB".
  std::string link_layer_name() const;
  /// Returns the next frame; none at the end of the file. Fails where the file is damaged or ends
  /// in the middle of a frame.
  Result<std::optional<CapturedFrame>> next();

 private:
  struct State;
  explicit CaptureFile(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mcq::os
