#include "soak/json.hpp"

#include <gtest/gtest.h>

#include "soak/stream.hpp"

namespace mcq::soak {
namespace {

using test::kQuerier;
using test::Stream;

const Place kPlace{.interface = "eth0", .group = Ipv4Address{{239, 255, 77, 77}}, .port = 5004};

text::Json json_of(const Reception& result) { return to_json(kPlace, result, judge(result)); }

TEST(SoakJson, OfAPauseThatAQueryEnded) {
  Stream stream;
  stream.measurement.reported(Stream::at(-500ms));
  stream.arrive(0, 141);
  stream.measurement.queried(kQuerier, Stream::at(20s));
  stream.measurement.reported(Stream::at(21s));
  stream.arrive(211, 220);
  const auto json = json_of(stream.measurement.finish(Stream::at(22s)));
  EXPECT_EQ(json["outcome"], "came-back");
  EXPECT_EQ(json["group"], "239.255.77.77");
  EXPECT_EQ(json["sender"], "192.0.2.30");
  EXPECT_EQ(json["querier"], "192.0.2.1");
  EXPECT_EQ(json["outages"], text::Json::parse(R"([{"begin": 14.0, "end": 21.1, "last-report": -0.5,
                                                   "query": 20.0, "report": 21.0}])"));
  EXPECT_EQ(json["memory"], text::Json::parse(R"({"at-least": 14.5, "at-most": 14.5})"));
  EXPECT_EQ(json["query-interval"], 4);
  EXPECT_EQ(json["died-at"], nullptr);
  EXPECT_EQ(json["lost"], 70);
  EXPECT_EQ(json["packets-by-second"].size(), 22U);
}

TEST(SoakJson, OfADeath) {
  Stream stream;
  stream.arrive(0, 141);
  const auto json = json_of(stream.measurement.finish(Stream::at(1min)));
  EXPECT_EQ(json["outcome"], "died");
  EXPECT_EQ(json["died-at"], 14);
  EXPECT_EQ(json["outages"][0]["end"], nullptr);
}

TEST(SoakJson, OfNothing) {
  const auto json = json_of(Measurement{test::kJoined, true}.finish(test::kJoined + 1min));
  EXPECT_EQ(json["outcome"], "nothing-came");
  for (const auto* unknown : {"sender", "rate", "planned-duration", "memory", "query-interval"}) {
    EXPECT_EQ(json[unknown], nullptr) << unknown;
  }
}

}  // namespace
}  // namespace mcq::soak
