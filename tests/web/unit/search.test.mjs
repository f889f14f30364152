import assert from "node:assert/strict";
import {test} from "node:test";
import {merged, searchPath} from "../../../web/src/search.js";

const view = (listed, all) => ({
  key: "eth0/ipv4",
  interface: {"interface-name": "br lan", "family": "ipv4", "groups-count": all},
  groups: Array.from({length: listed}, (_, at) => ({"group-address": `239.1.2.${at}`})),
});

test("the exporter is asked for what it has not listed, and for nothing else", () => {
  assert.equal(searchPath(view(3, 9), " SSDP  a&b "), "/v1/groups?interface=br%20lan&family=ipv4&match=SSDP%20a%26b");
  for (const [text, all] of [
    ["ssdp", 3],
    ["", 9],
    ["  ", 9],
    ["1 2 3 4 5 6 7 8 9", 9],
    ["\u00e4".repeat(101), 9],
  ]) {
    assert.equal(searchPath(view(3, all), text), undefined, text);
  }
  assert.notEqual(searchPath(view(3, 9), "x".repeat(200)), undefined);
});

test("what is found joins what is listed, once", () => {
  const group = (address, from) => ({"group-address": address, from});
  const all = merged([group("a", 1), group("b", 1)], [group("b", 2), group("c", 2)]);
  assert.deepEqual(
    all.map((one) => `${one["group-address"]}${one.from}`),
    ["a1", "b1", "c2"],
  );
});
