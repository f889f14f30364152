#include "cli/soak_progress.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "cli/terminal.hpp"
#include "soak/duration_text.hpp"
#include "soak/plot.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

constexpr Duration kRedraw = 250ms;
constexpr std::size_t kBar = 30, kFewest = 40;

}  // namespace

SoakProgress::SoakProgress(std::ostream& out, Style style, Duration every)
    : out_(out),
      style_(style),
      utf8_(style == Style::kTerminal && speaks_utf8()),
      every_(style == Style::kTerminal ? kRedraw : every) {}

void SoakProgress::start(TimePoint now) {
  if (style_ != Style::kNone) next_ = now + every_;
}

void SoakProgress::show(const SoakView& view) {
  style_ == Style::kTerminal ? redraw(view) : show_line(view);
  out_.flush();
  next_ += every_;
}

void SoakProgress::show_line(const SoakView& view) {
  out_ << fmt::format("{}: {} packets, {} in total{}\n", soak::in_seconds(view.elapsed),
                      view.packets - before_, view.packets, view.details);
  before_ = view.packets;
}

void SoakProgress::redraw(const SoakView& view) {
  clear();
  const auto columns = std::max(output_columns(), kFewest) - 1;
  const auto share = view.total > Duration{} ? std::chrono::duration<double>(view.elapsed) /
                                                   std::chrono::duration<double>(view.total)
                                             : 0;
  const auto left = std::max(view.total - view.elapsed, Duration{});
  auto line = fmt::format("{} {} left, {} packets{}",
                          soak::progress_bar(share, columns < 2 * kBar ? 0 : kBar, utf8_),
                          soak::clock(left), view.packets, view.details);
  out_ << text::shortened(line, columns) << "\n";
  drawn_ = 1;
  if (view.seconds.empty()) return;
  out_ << soak::plot_line(soak::worst_seconds(view.seconds, view.rate, columns), utf8_) << "\n";
  drawn_ = 2;
}

void SoakProgress::clear() {
  for (; drawn_ > 0; --drawn_) out_ << "\x1b[A\x1b[2K";
  out_.flush();
}

}  // namespace mcq::cli
