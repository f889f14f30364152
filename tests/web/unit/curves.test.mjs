import assert from "node:assert/strict";
import {test} from "node:test";
import {axisOf, kShortestAxis, ratesOf, roleMarks, waitOf} from "../../../web/src/curves.js";

const place = {"interface-name": "eth0", "family": "ipv4"};
const event = (id, time, more = {}) => ({
  id,
  time: `2026-01-15T20:14:${time}Z`,
  event: "role-changed",
  message: "",
  ...more,
});

test("marks are role changes of the view alone", () => {
  const marks = roleMarks(
    [
      event(1, "01.000", {...place, role: "querier"}),
      event(2, "02.000", {...place, family: "ipv6", role: "waiting"}),
      event(3, "03.000", {...place, role: "querier", event: "noticed"}),
      event(4, "never", {...place, role: "waiting"}),
      event(5, "05.500", {...place, role: "non-querier"}),
    ],
    "eth0/ipv4",
  );
  const at = Date.UTC(2026, 0, 15, 20, 14) / 1000;
  assert.deepEqual(marks, [
    {time: at + 1, role: "querier"},
    {time: at + 5.5, role: "non-querier"},
  ]);
});

test("counts become rates of whole minutes, and the unfinished one waits", () => {
  const rates = ratesOf(
    [30, 60, 90, 120, 150],
    [
      [1, 3, 0, 2, 50],
      [0, 1, 0, 1, 9],
    ],
    30,
  );
  assert.deepEqual(rates, {
    time: [60, 120],
    curves: [
      [4, 2],
      [1, 1],
    ],
  });
});

test("what is not known stays so, and half of a minute stands for it", () => {
  const rates = ratesOf([30, 60, 90, 120, 150, 180], [[null, null, null, 2, 1, 1]], 30);
  assert.deepEqual(rates, {time: [60, 120, 180], curves: [[null, 4, 2]]});
});

test("six hours make no more values than one can see, and time moves none of them", () => {
  const time = Array.from({length: 720}, (_, at) => 1768500000 + 30 * at);
  const counts = time.map((at) => (at / 30) % 7);
  const rates = ratesOf(time, [counts], 30);
  assert.ok(rates.time.length > 100 && rates.time.length <= 201, `${rates.time.length}`);
  const later = ratesOf(
    time.map((at) => at + 30),
    [counts.map((_, at) => ((time[at] + 30) / 30) % 7)],
    30,
  );
  const value = new Map(later.time.map((at, index) => [at, later.curves[0][index]]));
  const middle = rates.time.length >> 1;
  assert.equal(value.get(rates.time[middle]), rates.curves[0][middle]);
});

test("the axis of time begins with the first sample, is short at first, and grows", () => {
  assert.deepEqual(axisOf([1000]), [1000, 1000 + kShortestAxis]);
  assert.deepEqual(axisOf([1000, 1030]), [1000, 1000 + kShortestAxis]);
  assert.deepEqual(axisOf([1000, 1000 + kShortestAxis + 30]), [1000, 1000 + kShortestAxis + 30]);
});

/** Samples at `first`, every 30 seconds, of which the first has no rate. */
const samples = (first, count) => {
  const time = Array.from({length: count}, (_, at) => first + 30 * at);
  return {...place, time, reports: time.map((_, at) => (at === 0 ? null : 1))};
};

for (const first of [6000, 6001, 6029, 6030, 6031, 6059]) {
  test(`curves begin when it was said, after a first sample ${first - 6000} seconds into a minute`, () => {
    const said = waitOf(samples(first, 1), 30, first);
    const begun = [1, 2, 3, 4, 5].find((count) => waitOf(samples(first, count), 30, first) === 0);
    assert.equal(said, (begun - 1) * 30);
    assert.equal(waitOf(samples(first, 1), 30, first + 12), said - 12);
    assert.equal(waitOf(samples(first, 1), 30, first + 999), 1, "late, but not there");
    assert.ok(said <= 90);
  });
}

test("without samples nobody knows when", () => {
  assert.ok(waitOf(undefined, 30, 6000) > 0);
  assert.ok(waitOf(samples(6000, 0), 30, 6000) > 0);
});
