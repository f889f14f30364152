#include "soak/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "soak/stream.hpp"

namespace mcq::soak {
namespace {

using test::Stream;
using testing::HasSubstr;
using testing::Not;

std::string page(const Stream& stream, const std::string& interface = "eth0") {
  const Place place{.interface = interface, .group = Ipv4Address{{239, 255, 77, 77}}, .port = 5004};
  const auto result = stream.measurement.finish(Stream::at(1min));
  return report(place, result, judge(result), "2026-01-15T20:14:03Z");
}

TEST(SoakReport, HasVerdictAdviceAndNumbers) {
  Stream stream;
  stream.arrive(0, 151);
  const auto html = page(stream);
  EXPECT_THAT(html, HasSubstr("<h1 class=\"bad\">the stream died after 0:15"));
  EXPECT_THAT(html, HasSubstr("<tr><th>memory of the switch</th><td>16.0 s</td></tr>"));
  EXPECT_THAT(html, HasSubstr("query-interval to at most 5"));
  EXPECT_THAT(html, HasSubstr("<td>239.255.77.77, UDP port 5004</td>"));
  EXPECT_THAT(html, HasSubstr("2026-01-15T20:14:03Z"));
}

TEST(SoakReport, ShadesAnOutageWhereItWas) {
  Stream stream;
  stream.arrive(0, 151);
  // From a quarter of 800 units to the end, right of a margin of 40.
  EXPECT_THAT(page(stream), HasSubstr("class=\"gap\" x=\"240.0\" y=\"10\" width=\"600.0\""));
  Stream whole;
  whole.arrive(0, 600);
  EXPECT_THAT(page(whole), Not(HasSubstr("class=\"gap\"")));
}

TEST(SoakReport, EscapesText) {
  Stream stream;
  stream.arrive(0, 600);
  const auto html = page(stream, "<b>&\"\x1b");
  EXPECT_THAT(html, HasSubstr("<td>&lt;b&gt;&amp;&quot;?</td>"));
}

TEST(SoakReport, RefersToNothingOutside) {
  Stream stream;
  stream.arrive(0, 600);
  const auto html = page(stream);
  for (const auto* reference : {"http", "src=", "href=", "url(", "@import", "<script"}) {
    EXPECT_THAT(html, Not(HasSubstr(reference)));
  }
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
}

TEST(SoakReport, OfNothingHasNoPlot) {
  const Stream stream;
  const auto html = page(stream);
  EXPECT_THAT(html, HasSubstr("nothing came in"));
  EXPECT_THAT(html, Not(HasSubstr("<svg")));
}

}  // namespace
}  // namespace mcq::soak
