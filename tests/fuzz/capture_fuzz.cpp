#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "diagnose/capture_reader.hpp"
#include "diagnose/rules.hpp"
#include "require.hpp"
#include "wire/link_layer.hpp"

// From the frames of a capture to findings. The first byte chooses the link layer; each frame has
// its length in one byte and the seconds since the frame before in another.

namespace mcq::fuzz {
namespace {

constexpr std::size_t kFrameHeader = 2;

void run(wire::Bytes input) {
  using enum wire::LinkLayer;
  constexpr std::array kLayers{kEthernet, kLinuxCooked, kLinuxCooked2, kRawIp};
  if (input.empty()) return;
  diagnose::CaptureReader reader{kLayers[input[0] % kLayers.size()]};
  input = input.subspan(1);
  std::uint64_t frames = 0;
  Duration time{};
  while (input.size() >= kFrameHeader) {
    const auto size = std::min<std::size_t>(input[0], input.size() - kFrameHeader);
    time += std::chrono::seconds{input[1]};
    reader.received(++frames, time, input.subspan(kFrameHeader, size));
    input = input.subspan(kFrameHeader + size);
  }
  const auto links = reader.evidence();
  std::vector<diagnose::Finding> all;
  for (const auto& link : links) {
    for (auto& finding : diagnose::judge(link)) {
      require(!finding.what.empty() && !finding.fix.empty(), "a finding says what and what to do");
      all.push_back(std::move(finding));
    }
    for (const auto& cut : link.cuts) {
      const auto is_it = [&](const auto& stream) {
        return stream.group == cut.group && stream.source == cut.source;
      };
      require(std::any_of(link.streams.begin(), link.streams.end(), is_it),
              "what is cut is a stream");
      require(cut.last_report.time < cut.last_packet.time, "it is cut after the last report");
    }
    for (const auto& querier : link.queriers) {
      require(querier.typical_interval <= querier.longest_interval,
              "the median is not the longest");
      require(querier.last.frame <= frames, "frames are those of the capture");
    }
  }
  require(!diagnose::classify(links, all).empty(), "there is a class");
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mcq::fuzz::run({data, size});
  return 0;
}
