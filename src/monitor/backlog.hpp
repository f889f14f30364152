#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace mcq::monitor {

/// Writes lines without blocking. Keeps a line that cannot be written for the next flush(), in
/// order and within a limit. Lines beyond the limit are lost, and so are those that follow until
/// all kept lines are written; then a line states their number.
class Backlog {
 public:
  static constexpr std::size_t kMaxBytes = 1U << 20U;

  /// Writes a line or its beginning without blocking. Returns the number of bytes written, or an
  /// error number: the line is kept if os::is_temporary(), else lost.
  using Write = std::function<Result<std::size_t, int>(std::string_view)>;
  /// Makes the line that states how many were lost.
  using Tell = std::function<std::string(std::uint64_t)>;

  Backlog(Write write, Tell tell) : write_(std::move(write)), tell_(std::move(tell)) {}

  /// Writes, keeps or loses a line that is not empty. Returns what flush() returns.
  bool push(std::string line);
  /// Writes what was kept, and how many lines were lost. Returns whether nothing is left that may
  /// be written later.
  bool flush();
  /// Number of lines lost so far.
  std::uint64_t lost() const { return lost_; }

 private:
  enum class Outcome : std::uint8_t { kWritten, kLater, kNever };

  Outcome write(std::string& line);
  void keep(std::string line);
  void lose();

  Write write_;
  Tell tell_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;  ///< in lines_
  std::uint64_t lost_ = 0, untold_ = 0;
};

}  // namespace mcq::monitor
