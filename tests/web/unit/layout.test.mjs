import assert from "node:assert/strict";
import {test} from "node:test";
import {kMaxHosts, kMaxParts, line, place, select} from "../../../web/src/layout.js";

const group = (address, members, more = {}) => ({
  "group-address": address,
  "hosts-count": members.length,
  "host": members.map((member) => ({"host-address": member})),
  "last-reporter": null,
  ...more,
});
const view = (groups, hosts) => ({
  key: "eth0/ipv4",
  interface: {"groups-count": groups.length},
  groups,
  hosts: hosts.map((host) =>
    typeof host === "string" ? {"host-address": host, "missed-queries": 0, "awaited": true} : host,
  ),
});
const named = ({hosts, parts, edges}) =>
  edges.map(([host, part]) => `${hosts[host].address} ${parts[part].label}`).sort();

test("a line for everybody who listens, and hosts that listen to nothing stand alone", () => {
  const drawn = select(
    view(
      [group("239.1.2.3", ["10.0.0.2", "10.0.0.1"]), group("239.1.2.4", ["10.0.0.2"])],
      ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
    ),
  );
  assert.deepEqual(named(drawn), ["10.0.0.1 239.1.2.3", "10.0.0.2 239.1.2.3", "10.0.0.2 239.1.2.4"]);
  assert.deepEqual(drawn.hosts.map((host) => host.address).sort(), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  assert.equal(drawn.hosts.at(-1).address, "10.0.0.3");
  assert.deepEqual([drawn.hostsNotDrawn, drawn.groupsNotDrawn], [0, 0]);
});

test("members that the list of hosts does not reach are drawn all the same", () => {
  const {hosts} = select(view([group("239.1.2.3", ["10.0.0.9"])], []));
  assert.deepEqual(hosts, [{address: "10.0.0.9", host: undefined, silent: false, listensTo: 1}]);
});

test("silent hosts are known as such", () => {
  const {hosts} = select(view([], [{"host-address": "10.0.0.1", "missed-queries": 2, "awaited": true}, "10.0.0.2"]));
  assert.deepEqual(
    hosts.map((host) => host.silent),
    [true, false],
  );
});

test("many groups are drawn as ranges, and the hosts that listen to most of them", () => {
  const hosts = Array.from({length: 200}, (_, at) => `10.0.${at >> 7}.${at & 127}`);
  const groups = Array.from({length: 90}, (_, at) => group(`239.1.0.${at}`, hosts.slice(0, at + 1)));
  const seen = view(groups, hosts);
  const drawn = select(seen);
  assert.ok(drawn.parts.length <= kMaxParts && drawn.parts.every((part) => part.isRange));
  assert.equal(drawn.parts.flatMap((part) => part.groups).length, 90, "each of them in one range");
  assert.deepEqual([drawn.groupsNotDrawn, drawn.hosts.length, drawn.hostsNotDrawn], [0, kMaxHosts, 140]);
  assert.ok(drawn.hosts.every(({address}) => hosts.indexOf(address) < 60));
  assert.equal(drawn.edges.length, new Set(named(drawn)).size);
  assert.equal(select({...seen, interface: {"groups-count": 2000}}).groupsNotDrawn, 1910);
});

test("an opened range has its groups and their members alone", () => {
  const groups = Array.from({length: 50}, (_, at) => group(`239.1.0.${at}`, [`10.0.0.${at}`]));
  const drawn = select(view(groups, ["10.0.0.1", "10.0.9.9"]), "239.1.0.16/28");
  assert.deepEqual(
    drawn.parts.map((part) => part.label),
    Array.from({length: 16}, (_, at) => `239.1.0.${16 + at}`),
  );
  assert.equal(drawn.hosts.length, 16);
});

test("the same state gives the same picture, in whatever order it came", () => {
  const groups = Array.from({length: 9}, (_, at) =>
    group(`239.1.0.${at}`, [`10.0.0.${at % 4}`, `10.0.0.${(at % 3) + 5}`]),
  );
  const hosts = Array.from({length: 9}, (_, at) => `10.0.0.${at}`);
  assert.deepEqual(
    named(select(view(groups, hosts))),
    named(select(view([...groups].reverse(), [...hosts].reverse()))),
  );
  const order = (drawn) => [drawn.hosts.map((host) => host.address), drawn.parts.map((one) => one.label)];
  assert.deepEqual(
    order(select(view(groups, hosts))),
    order(select(view([...groups].reverse(), [...hosts].reverse()))),
  );
});

/** How many pairs of lines cross. */
function crossings(edges) {
  let count = 0;
  for (const [a, b] of edges) for (const [c, d] of edges) if (a < c && b > d) ++count;
  return count;
}

test("lines that need not cross do not", () => {
  // Each host has a group of its own, in the opposite order of their addresses.
  const hosts = Array.from({length: 12}, (_, at) => `10.0.0.${at + 1}`);
  const drawn = select(
    view(
      hosts.map((host, at) => group(`239.1.0.${12 - at}`, [host])),
      hosts,
    ),
  );
  assert.equal(crossings(drawn.edges), 0);
});

const amounts = (changes = {}) => ({queriers: 1, hosts: 10, groups: 6, hostLabel: 12, groupLabel: 20, ...changes});

for (const width of [240, 320, 390, 560, 1000, 1400]) {
  test(`everything has its place within ${width} pixels`, () => {
    for (const [hosts, groups, queriers] of [
      [0, 0, 1],
      [1, 0, 1],
      [0, 5, 2],
      [3, 40, 3],
      [60, 1, 1],
      [60, 40, 3],
    ]) {
      const places = place(amounts({hosts, groups, queriers, hostLabel: 39, groupLabel: 60}), width);
      assert.ok(places.nodeX < places.hostLabelX && places.hostLabelX < places.lineFrom);
      assert.ok(
        places.lineFrom + 20 < places.lineTo && places.groupLabelX + places.groupCharacters * 6 <= width + 1,
        JSON.stringify(places),
      );
      const columns = [[...places.queriers, ...places.hosts], places.groups];
      for (const column of columns) {
        assert.ok(column.every((y) => y > 0 && y < places.height));
        assert.ok(
          column.every((y, at) => at === 0 || y - column[at - 1] >= 16),
          "labels do not overlap",
        );
      }
      assert.equal(places.hosts.length, hosts);
      assert.equal(places.groups.length, groups);
      assert.ok(places.height <= 60 * 34 + 3 * 56 + 30);
    }
  });
}

test("lines begin where the longest label ends", () => {
  const short = place(amounts({hostLabel: 8}), 1000),
    long = place(amounts({hostLabel: 15}), 1000);
  assert.ok(short.lineFrom < long.lineFrom);
  assert.ok(long.hostCharacters >= 15 && short.hostCharacters >= 8);
});

test("a line leads from its host to its group", () => {
  const places = place(amounts(), 1000);
  const [x, y] = line(places, 2, 3)
    .match(/^M([\d.]+) ([\d.]+)/)
    .slice(1)
    .map(Number);
  const [toX, toY] = line(places, 2, 3)
    .match(/([\d.]+) ([\d.]+)$/)
    .slice(1)
    .map(Number);
  assert.ok(Math.abs(x - places.lineFrom) < 0.1 && Math.abs(y - places.hosts[2]) < 0.1);
  assert.ok(Math.abs(toX - places.lineTo) < 0.1 && Math.abs(toY - places.groups[3]) < 0.1);
});
