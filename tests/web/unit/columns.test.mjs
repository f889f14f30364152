import assert from "node:assert/strict";
import {test} from "node:test";
import {columnsFor, firstIsAlone} from "../../../web/src/columns.js";

test("rows are as long as fits, and of the same length as far as that goes", () => {
  for (const [count, most, columns] of [
    [7, 9, 7],
    [7, 7, 7],
    [7, 6, 4],
    [7, 4, 4],
    [7, 3, 3],
    [7, 2, 2],
    [7, 1, 1],
    [7, 0, 1],
    [8, 7, 4],
    [6, 4, 3],
    [0, 4, 1],
  ]) {
    assert.equal(columnsFor(count, most), columns, `${count} of which ${most} fit`);
  }
});

test("nobody is alone in the last row", () => {
  for (let count = 2; count < 12; ++count) {
    for (let most = 2; most < 12; ++most) {
      const columns = columnsFor(count, most);
      const last = (count - (firstIsAlone(count, columns) ? 1 : 0)) % columns;
      assert.ok(columns <= most && (columns === 1 || last !== 1), `${count} of which ${most} fit: ${columns}`);
    }
  }
});
