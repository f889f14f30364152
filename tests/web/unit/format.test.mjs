import assert from "node:assert/strict";
import {test} from "node:test";
import {
  addressKey,
  counted,
  cut,
  duration,
  inWords,
  interval,
  label,
  moment,
  printable,
  shortened,
  ticks,
  words,
} from "../../../web/src/format.js";

const table = (name, write, rows) =>
  test(name, () => {
    for (const [given, wanted] of rows) assert.equal(write(...[given].flat()), wanted, `of ${JSON.stringify(given)}`);
  });

table("durations count up to days", duration, [
  [-3, "0:00"],
  [0, "0:00"],
  [59.9, "0:59"],
  [60, "1:00"],
  [725, "12:05"],
  [3599, "59:59"],
  [3600, "1:00:00"],
  [172799, "47:59:59"],
  [172800, "2 d 0 h"],
  [277200, "3 d 5 h"],
]);
table("durations in words are coarse", inWords, [
  [1, "1 second"],
  [119, "119 seconds"],
  [120, "2 minutes"],
  [7199, "119 minutes"],
  [7200, "2 hours"],
  [172800, "2 days"],
]);
table("intervals keep a tenth of a second", interval, [
  [60, "60 s"],
  [0.5, "0.5 s"],
  [125.04, "125 s"],
  [31744, "31,744 s"],
]);
table("what is counted has a plural", counted, [
  [[0, "host"], "0 hosts"],
  [[1, "host"], "1 host"],
  [[1000, "group"], "1,000 groups"],
  [[2, "query", "queries"], "2 queries"],
]);
table("names of the API lose their hyphens", words, [
  ["role-changed", "role changed"],
  ["a-b-c", "a b c"],
]);

test("what hides or turns the text is shown as one replacement each", () => {
  assert.equal(printable("a\u0000b\n\u001b\u007f\u009f"), "a\ufffdb\ufffd\ufffd\ufffd\ufffd");
  assert.equal(printable("\u202ea\u2066\u200f\u2028\ufeff"), "\ufffda\ufffd\ufffd\ufffd\ufffd");
  assert.equal(printable("<b>Zürich & 東京</b>"), "<b>Zürich & 東京</b>");
});

test("text is cut where it would have no end", () => {
  assert.equal(printable("x".repeat(400)), "x".repeat(400));
  assert.equal(printable("x".repeat(401)), `${"x".repeat(400)}…`);
});

table("labels keep their beginning and their end", (text, length) => shortened(text, length), [
  [["192.168.1.5", 15], "192.168.1.5"],
  [["fe80::ba27:ebff:fe12:3456", 11], "fe80:…:3456"],
  [["abcdef", 4], "ab…f"],
]);

test("names keep 64 characters", () => {
  assert.equal(label("x".repeat(64)), "x".repeat(64));
  assert.equal(label(`a${"\u0007".repeat(70)}b`), `a${"\ufffd".repeat(31)}…${"\ufffd".repeat(30)}b`);
});

test("addresses sort by their numbers", () => {
  const sorted = ["239.1.2.10", "224.0.0.251", "239.1.2.9", "10.0.0.1"].sort((a, b) =>
    addressKey(a) < addressKey(b) ? -1 : 1,
  );
  assert.deepEqual(sorted, ["10.0.0.1", "224.0.0.251", "239.1.2.9", "239.1.2.10"]);
  const six = ["ff02::fb", "fe80::10", "fe80::2", "ff02::1:ff00:1"].sort((a, b) =>
    addressKey(a) < addressKey(b) ? -1 : 1,
  );
  assert.deepEqual(six, ["fe80::2", "fe80::10", "ff02::fb", "ff02::1:ff00:1"]);
  assert.equal(addressKey("2001:db8::1"), "2001:0db8:0000:0000:0000:0000:0000:0001");
  assert.equal(addressKey("::"), Array(8).fill("0000").join(":"));
});

test("times of other days have their day", () => {
  const now = new Date(2026, 0, 15, 20, 14, 3);
  assert.ok(!moment(new Date(2026, 0, 15, 1, 2, 3), now).includes("15"));
  assert.match(moment(new Date(2026, 0, 14, 23, 59, 59), now), /14/);
  assert.equal(moment(new Date("nonsense"), now), "?");
});

test("times on an axis have seconds where minutes would repeat", () => {
  const at = (...clock) => new Date(2026, 0, 15, ...clock).getTime() / 1000;
  assert.deepEqual(ticks([at(0, 16, 30), at(0, 17)], 30), ["00:16:30", "00:17:00"]);
  assert.deepEqual(ticks([at(0, 16), at(13, 17)], 60), ["00:16", "13:17"]);
});

table("a text that is cut keeps its beginning", cut, [
  [["ka9q-radio", 10], "ka9q-radio"],
  [["ka9q-radio or private", 10], "ka9q-radi…"],
  [["a\u202eb", 9], "a\ufffdb"],
]);
