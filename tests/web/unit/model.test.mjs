import assert from "node:assert/strict";
import {test} from "node:test";
import {
  chosen,
  collision,
  firstWhere,
  isMissing,
  isSilent,
  judge,
  kMaxEvents,
  mergeEvents,
  silenceOf,
  sinceWords,
  unanswered,
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

test("the verdict is green, amber, red", () => {
  const level = (changes, hosts = []) => judge({healthy: true, verdict: "all is well", interfaces: [one()], ...changes}, hosts).level;
  assert.equal(level({}), "good");
  assert.equal(level({}, [host(2)]), "look");
  assert.equal(level({}, [host(2, 2)]), "good");
  assert.equal(level({healthy: false, verdict: "no link"}, [host(2)]), "bad");
  assert.match(judge({healthy: true, verdict: ""}, [host(2), host(3)]).note, /^2 hosts .* have missed/);
});

test("while nobody answers the page says so, and since when, and not what it said before", () => {
  const since = new Date(2026, 0, 15, 0, 16, 50);
  const silence = silenceOf(state({reachable: false, status: null, problem: "no igmp-querier answers", since: since.toISOString()}));
  assert.deepEqual(silence, {sentence: "no igmp-querier answers", since});
  assert.equal(sinceWords(silence, since), "no answer since 00:16:50");
  const {level, word, sentence, note} = unanswered(silence, since);
  assert.deepEqual([level, word, sentence], ["bad", "No answer", "no igmp-querier answers"]);
  assert.match(note, /^No answer since 00:16:50;/);
  assert.equal(silenceOf(state()), undefined);
});

test("groups and hosts go to their interface and family", () => {
  const six = {...place, family: "ipv6"};
  const views = viewsOf(
    state({
      status: {healthy: true, verdict: "", interfaces: [one(), one(six)]},
      groups: [
        {...place, "group-address": "239.1.2.3", "host": []},
        {...six, "group-address": "ff15::1", "host": []},
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

test("a query whose time to answer is not over is missed by nobody", () => {
  const missed = (query, hosts) =>
    viewsOf(state({status: {interfaces: [one({"last-general-query": query})]}, hosts}))[0].hosts.map(
      (shown) => shown["missed-queries"],
    );
  assert.deepEqual(missed({complete: false}, [host(0), host(1), host(3)]), [0, 0, 2]);
  assert.deepEqual(missed({complete: true}, [host(0), host(1), host(3)]), [0, 1, 3]);
  assert.deepEqual(missed(null, [host(1)]), [1]);
});

test("others may have answered for a host that is alone in no group", () => {
  const group = (address, ...members) => ({
    ...place,
    "group-address": address,
    "hosts-count": members.length,
    "host": members.map((member) => ({"host-address": `192.0.2.${member}`})),
  });
  const others = (groups, count = groups.length) =>
    viewsOf(state({status: {interfaces: [one({"groups-count": count})]}, groups, hosts: [host(3, 2)]}))[0].hosts[0].othersAnswer;
  assert.equal(others([group("239.1.2.3", 20, 21)]), true);
  assert.equal(others([group("239.1.2.3", 20)]), false);
  assert.equal(others([group("239.1.2.3", 20, 21), group("239.1.2.4", 20)]), false);
  assert.equal(others([group("239.1.2.3", 21)]), false, "in no group");
  assert.equal(others([group("239.1.2.3", 20, 21)], 2), false, "not all groups are known");
});

test("the first of many is found without looking at each", () => {
  for (const [count, from] of [[0, 0], [1, 0], [1, 1], [1000, 0], [1000, 999], [1000, 1000], [7, 3]]) {
    let looks = 0;
    const found = firstWhere(count, (at) => ++looks > 0 && at >= from);
    assert.equal(found, from);
    assert.ok(looks <= 10, `${looks}`);
  }
});

test("a group that has the Ethernet address of one of 224.0.0.x is told", () => {
  for (const [address, other] of [
    ["239.0.0.251", "224.0.0.251"],
    ["239.128.0.1", "224.0.0.1"],
    ["224.128.0.9", "224.0.0.9"],
    ["225.0.0.0", "224.0.0.0"],
    ["224.0.0.251", undefined],
    ["239.1.0.251", undefined],
    ["239.0.1.251", undefined],
    ["239.64.0.1", undefined],
    ["ff15::1", undefined],
    ["x", undefined],
  ]) {
    assert.equal(collision(address), other, address);
  }
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
