import assert from "node:assert/strict";
import {test} from "node:test";
import {place, select} from "../../../web/src/layout.js";
import {amountsOf, itemsOf, neighbour, noteOf, queriersOf} from "../../../web/src/nodes.js";

const us = {
  "address": "10.0.0.5",
  "role": "querier",
  "reason": "",
  "other-querier": null,
  "rival": null,
  "groups-count": 0,
  "settings": {"explicit-tracking": true},
};
const view = (changes = {}, groups = [], hosts = []) => ({
  key: "eth0/ipv4",
  interface: {...us, ...changes},
  groups,
  hosts,
});
const kinds = (changes) => queriersOf(view(changes)).map(({kind, address, about}) => `${kind} ${address}: ${about}`);

test("who asks is drawn first, and whoever should not as well", () => {
  assert.deepEqual(kinds({}), ["elected 10.0.0.5: this host queries this LAN"]);
  assert.deepEqual(kinds({"role": "non-querier", "other-querier": {address: "10.0.0.2"}}), [
    "elected 10.0.0.2: queries this LAN",
    "standby 10.0.0.5: stands by",
  ]);
  assert.deepEqual(kinds({role: "waiting", reason: "waiting for link", address: null, querier: null}), [
    "standby no address: waiting for link",
  ]);
  assert.deepEqual(kinds({rival: {address: "10.0.0.9"}})[1], "rival 10.0.0.9: also queries");
});

function scene(changes = {}) {
  const member = (address) => ({"host-address": address});
  const group = (address, name, ...members) => ({
    "group-address": address,
    "name": name,
    "hosts-count": members.length,
    "host": members.map(member),
    "last-reporter": null,
  });
  const hosts = ["10.0.0.5", "10.0.0.6", "10.0.0.7"].map((address) => ({...member(address), "missed-queries": 0, "awaited": true}));
  hosts[2]["missed-queries"] = 2;
  const seen = view(
    changes,
    [group("239.1.2.3", "PTP", "10.0.0.5", "10.0.0.6"), group("239.1.2.4", "", "10.0.0.7")],
    hosts,
  );
  const selection = select(seen);
  const queriers = queriersOf(seen);
  return {
    seen,
    selection,
    items: itemsOf(seen, queriers, selection, place(amountsOf(selection, queriers.length), 1000)),
  };
}

test("nodes say what one would see", () => {
  assert.deepEqual(
    scene().items.map((item) => item.says),
    [
      "querier 10.0.0.5, this host queries this LAN",
      "host 10.0.0.5, this host, listens to 1 group",
      "host 10.0.0.6, listens to 1 group",
      "host 10.0.0.7, listens to 1 group, silent",
      "group 239.1.2.3, PTP, 2 members",
      "group 239.1.2.4, 1 member",
    ],
  );
});

test("a range says how many groups it has", () => {
  const groups = Array.from({length: 41}, (_, at) => ({
    "group-address": `239.1.2.${at}`,
    "name": "PTP",
    "hosts-count": 1,
    "host": [{"host-address": "10.0.0.6"}],
    "last-reporter": null,
  }));
  const seen = view({}, groups);
  const selection = select(seen);
  const items = itemsOf(seen, [], selection, place(amountsOf(selection, 0), 1000));
  assert.deepEqual(items.map((item) => [item.says, item.about, item.kind]), [
    ["host 10.0.0.6, listens to 41 groups", "", "host"],
    ["range 239.1.2.0/28, 16 groups, PTP, 1 member", "16 groups, PTP", "group range"],
    ["range 239.1.2.16/28, 16 groups, PTP, 1 member", "16 groups, PTP", "group range"],
    ["range 239.1.2.32/28, 9 groups, PTP, 1 member", "9 groups, PTP", "group range"],
  ]);
});

test("arrows follow the columns and stop at their ends", () => {
  const {items} = scene();
  const to = (at, key) => neighbour(items, at, key);
  assert.deepEqual(
    [to(0, "ArrowUp"), to(0, "ArrowDown"), to(3, "ArrowDown"), to(1, "End"), to(2, "Home")],
    [0, 1, 3, 3, 0],
  );
  assert.deepEqual(
    [to(4, "ArrowUp"), to(4, "ArrowDown"), to(5, "ArrowDown"), to(4, "End"), to(5, "Home")],
    [4, 5, 5, 5, 4],
  );
  assert.deepEqual([to(1, "ArrowRight"), to(3, "ArrowRight"), to(5, "ArrowLeft")], [4, 5, 3]);
  assert.deepEqual([to(1, "ArrowLeft"), to(4, "ArrowRight"), to(2, "x")], [undefined, undefined, undefined]);
});

test("without groups nothing is to the right", () => {
  const {items} = scene();
  assert.equal(neighbour(items.slice(0, 3), 1, "ArrowRight"), undefined);
});

test("what is not drawn is told", () => {
  const {seen, selection} = scene();
  assert.equal(noteOf(selection, seen), "");
  assert.match(noteOf({...selection, groupsNotDrawn: 1000}, seen), /^Not listed: 1,000 groups, which the filter/);
  assert.match(noteOf({...selection, hostsNotDrawn: 2}, seen), /not shown: 2 hosts\.$/);
  const ranges = selection.parts.map((part) => ({...part, isRange: true}));
  assert.match(noteOf({...selection, parts: ranges}, seen), /select a range to open it/);
  const untracked = {...seen, interface: {...seen.interface, settings: {"explicit-tracking": false}}};
  assert.match(noteOf(selection, untracked), /not tracked/);
});
