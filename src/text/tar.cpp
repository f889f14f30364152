#include "text/tar.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace mcq::text {
namespace {

constexpr std::size_t kBlock = 512;
// Places of the fields that are used, and their lengths. Numbers are octal digits and a zero byte.
constexpr std::size_t kName = 0, kMode = 100, kOwner = 108, kGroup = 116, kSize = 124, kTime = 136,
                      kChecksum = 148, kType = 156, kMagic = 257;

}  // namespace

std::string tar_entry(const std::string& name, const std::string& contents,
                      std::uint64_t seconds_since_1970) {
  std::string header(kBlock, '\0');
  const auto put = [&](std::size_t place, const std::string& text) {
    std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(place));
  };
  put(kName, name.substr(0, kMode - 1));
  put(kMode, "0000644");
  put(kOwner, "0000000");
  put(kGroup, "0000000");
  put(kSize, fmt::format("{:011o}", contents.size()));
  put(kTime, fmt::format("{:011o}", seconds_since_1970));
  put(kType, "0");
  put(kMagic, std::string{"ustar\0"
                          "00",
                          8});
  put(kChecksum, std::string(8, ' '));
  const auto sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned all, char c) {
    return all + static_cast<unsigned char>(c);
  });
  put(kChecksum, fmt::format("{:06o}", sum) + '\0');
  const auto padding = (kBlock - contents.size() % kBlock) % kBlock;
  return header + contents + std::string(padding, '\0');
}

std::string tar_end() { return std::string(2 * kBlock, '\0'); }

}  // namespace mcq::text
