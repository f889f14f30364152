#include "monitor/backlog.hpp"

#include <utility>

#include "os/nonblocking_writer.hpp"

namespace mcq::monitor {

bool Backlog::push(std::string line) {
  const bool is_full = bytes_ + line.size() > kMaxBytes;
  if ((is_full || untold_ > 0) && !flush()) {
    lose();
    return false;
  }
  keep(std::move(line));
  return flush();
}

bool Backlog::flush() {
  while (!lines_.empty()) {
    auto& line = lines_.front();
    const auto before = line.size();
    const auto outcome = write(line);
    bytes_ -= before - line.size();
    if (outcome == Outcome::kLater) return false;
    if (outcome == Outcome::kNever) lose();
    bytes_ -= line.size();
    lines_.pop_front();
  }
  if (untold_ == 0) return true;
  auto notice = tell_(untold_);
  const auto outcome = write(notice);
  if (outcome == Outcome::kNever) return true;  // tried again with the next line
  untold_ = 0;
  if (outcome == Outcome::kLater) keep(std::move(notice));
  return lines_.empty();
}

/// Takes off `line` what could be written.
Backlog::Outcome Backlog::write(std::string& line) {
  while (!line.empty()) {
    const auto taken = write_(line);
    if (!taken) return os::is_temporary(taken.error()) ? Outcome::kLater : Outcome::kNever;
    line.erase(0, *taken);
  }
  return Outcome::kWritten;
}

void Backlog::keep(std::string line) {
  bytes_ += line.size();
  lines_.push_back(std::move(line));
}

void Backlog::lose() {
  ++lost_;
  ++untold_;
}

}  // namespace mcq::monitor
