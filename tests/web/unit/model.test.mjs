import assert from "node:assert/strict";
import {test} from "node:test";
import {
  chosen,
  isMissing,
  isSilent,
  judge,
  kMaxEvents,
  lost,
  mergeEvents,
  ratesOf,
  roleMarks,
  viewsOf,
} from "../../../web/src/model.js";

const place = {"interface-name": "eth0", "family": "ipv4"};
const host = (missed, version = 3, family = "ipv4") => ({
  ...place,
  family,
  "host-address": "192.0.2.20",
  "version": version,
  "missed-queries": missed,
  "awaited": true,
  "silent": missed >= 2 && version >= 3,
});
const one = (changes = {}) => ({...place, healthy: true, verdict: "eth0: all is well", ...changes});
const state = (changes = {}) => ({
  reachable: true,
  problem: null,
  status: {healthy: true, verdict: "all is well", interfaces: [one()]},
  groups: [],
  hosts: [],
  ...changes,
});
const event = (id, time, more = {}) => ({
  id,
  time: `2026-01-15T20:14:${time}Z`,
  event: "role-changed",
  message: "",
  ...more,
});

test("a host is silent from the second missed query on", () => {
  assert.deepEqual(
    [0, 1, 2, 9].map((missed) => isSilent(host(missed))),
    [false, false, true, true],
  );
});

test("a host that need not answer is not silent", () => {
  assert.equal(isSilent({...host(9), "awaited": false}), false);
});

test("whether silence is wrong is for the daemon to say", () => {
  assert.equal(isMissing({...host(9), "silent": false}), false);
  assert.equal(isMissing({...host(9, 2), "silent": true}), true);
});

test("the verdict is green, amber, red, and red when nobody answers", () => {
  const level = (changes) => judge(state(changes)).level;
  assert.equal(level({}), "good");
  assert.equal(level({hosts: [host(2)]}), "look");
  assert.equal(level({hosts: [host(2, 2)]}), "good");
  assert.equal(level({hosts: [host(2)], status: {healthy: false, verdict: "no link", interfaces: []}}), "bad");
  assert.deepEqual(judge(state({reachable: false, status: null, problem: "no igmp-querier answers"})), {
    level: "bad",
    word: "No answer",
    sentence: "no igmp-querier answers",
    note: "",
  });
  assert.match(judge(state({hosts: [host(2), host(3)]})).note, /^2 hosts .* have missed/);
});

test("what is not known any more is neither green nor red, and says what it was", () => {
  const {level, sentence, note} = lost(judge(state()));
  assert.deepEqual([level, sentence], ["unknown", "all is well"]);
  assert.match(note, /does not answer.*: healthy\.$/);
});

test("groups and hosts go to their interface and family", () => {
  const six = {...place, family: "ipv6"};
  const views = viewsOf(
    state({
      status: {healthy: true, verdict: "", interfaces: [one(), one(six)]},
      groups: [
        {...place, "group-address": "239.1.2.3"},
        {...six, "group-address": "ff15::1"},
        {"interface-name": "eth9", "family": "ipv4"},
      ],
      hosts: [host(0), host(0, 2, "ipv6")],
    }),
  );
  assert.deepEqual(
    views.map((view) => [view.key, view.groups.map((group) => group["group-address"]), view.hosts.length]),
    [
      ["eth0/ipv4", ["239.1.2.3"], 1],
      ["eth0/ipv6", ["ff15::1"], 1],
    ],
  );
  assert.deepEqual(viewsOf(state({reachable: false, status: null})), []);
});

test("events come once and in order, also after the daemon has counted anew", () => {
  const [first, second, restarted] = [event(7, "01.000"), event(8, "01.000"), event(1, "09.000")];
  assert.deepEqual(mergeEvents([first, second], [restarted, second]), [first, second, restarted]);
  assert.deepEqual(mergeEvents([restarted], [second, first]), [first, second, restarted]);
  const known = [first];
  mergeEvents(known, [second]);
  assert.deepEqual(known, [first], "what is given stays as it is");
});

test("no more events are kept than are promised", () => {
  const many = Array.from({length: 300}, (_, id) => event(id, `${10 + (id % 50)}.000`));
  const kept = mergeEvents(many, [event(999, "59.999")]);
  assert.equal(kept.length, kMaxEvents);
  assert.equal(kept.at(-1).id, 999);
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

test("rows are found by all words, in any case and order", () => {
  const rows = ["Apple 10", "apple 9", "Sonos 10"];
  const found = (wanted, descending = false) =>
    chosen(
      rows,
      (row) => row,
      wanted,
      (row) => row.length,
      (row) => row,
      descending,
    );
  assert.deepEqual(found("10 APPLE"), ["Apple 10"]);
  assert.deepEqual(found("  "), ["apple 9", "Apple 10", "Sonos 10"]);
  assert.deepEqual(found("", true), ["Apple 10", "Sonos 10", "apple 9"]);
  assert.deepEqual(found("nobody"), []);
});
