import assert from "node:assert/strict";
import {test} from "node:test";
import {groupsIn, membersOf, partsOf} from "../../../web/src/ranges.js";

const group = (address, members = [], more = {}) => ({
  "group-address": address,
  "name": "",
  "hosts-count": members.length,
  "host": members.map((member) => ({"host-address": member})),
  "last-reporter": null,
  ...more,
});
const many = (count, address) => Array.from({length: count}, (_, at) => group(address(at)));
const labels = (groups, most) => partsOf(groups, most).map((part) => `${part.label} ${part.groups.length}`);

test("without tracking the last reporter stands for the members", () => {
  assert.deepEqual(membersOf(group("239.1.2.3", [], {"last-reporter": "10.0.0.7"})), ["10.0.0.7"]);
  assert.deepEqual(membersOf(group("239.1.2.3", ["10.0.0.1"], {"last-reporter": "10.0.0.7"})), ["10.0.0.1"]);
  assert.deepEqual(membersOf(group("239.1.2.3")), []);
});

test("groups that fit are drawn each", () => {
  assert.deepEqual(labels(many(4, (at) => `239.1.2.${at}`), 4), ["239.1.2.0 1", "239.1.2.1 1", "239.1.2.2 1", "239.1.2.3 1"]);
});

test("ranges are as small as there is room, and a group that is alone in one is itself", () => {
  const groups = [...many(20, (at) => `239.1.2.${at}`), group("224.0.1.129")];
  assert.deepEqual(labels(groups, 3), ["239.1.2.0/28 16", "239.1.2.16/28 4", "224.0.1.129 1"]);
  assert.deepEqual(labels(groups, 2), ["239.1.2.0/24 20", "224.0.1.129 1"]);
  assert.deepEqual(labels(groups, 1), ["224.0.0.0/4 21"]);
});

test("IPv6 has ranges as well", () => {
  const groups = [...many(20, (at) => `ff15::${at.toString(16)}`), group("ff02::fb")];
  assert.deepEqual(labels(groups, 3), ["ff15::/124 16", "ff15::10/124 4", "ff02::fb 1"]);
  assert.deepEqual(labels(groups, 2), ["ff15::/120 20", "ff02::fb 1"]);
});

test("each range opens into parts that fit, until each group is drawn", () => {
  const groups = Array.from({length: 2000}, (_, at) => group(`239.${at % 7}.${(at * 31) % 256}.${at % 251}`));
  const open = (inside) => {
    const parts = partsOf(inside, 40);
    assert.ok(parts.length <= 40);
    let drawn = 0;
    for (const part of parts) {
      if (!part.isRange) {
        ++drawn;
        continue;
      }
      const opened = groupsIn(part.label, inside);
      assert.deepEqual(opened, part.groups, part.label);
      assert.ok(opened.length < inside.length, "it gets smaller");
      drawn += open(opened);
    }
    return drawn;
  };
  assert.equal(open(groups), new Set(groups.map((one) => one["group-address"])).size);
});

test("a range tells what is the same for all of its groups, and its members once", () => {
  const [part] = partsOf([group("239.1.2.1", ["a", "b"], {name: "PTP"}), group("239.1.2.2", ["b", "c"], {name: "PTP"})], 1);
  assert.deepEqual([part.name, part.members, part.count], ["PTP", ["a", "b", "c"], 3]);
  const [mixed] = partsOf([group("239.1.2.1", [], {name: "PTP"}), group("239.1.2.2", [], {name: "SAP"})], 1);
  assert.equal(mixed.name, "");
});

test("what is no address is drawn all the same", () => {
  const parts = partsOf(many(50, (at) => `<b>${at}</b>`), 40);
  assert.deepEqual(parts.map((part) => [part.label, part.groups.length]), [["other addresses", 50]]);
  assert.equal(groupsIn("other addresses", parts[0].groups).length, 50);
});
