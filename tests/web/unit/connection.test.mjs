import assert from "node:assert/strict";
import {test} from "node:test";
import {Fetcher} from "../../../web/src/connection.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what fails to use an answer does not stop the asking", async (context) => {
  const asked = context.mock.method(globalThis, "fetch", async () => Response.json({}));
  const told = context.mock.method(console, "error", () => undefined);
  const used = [];
  const fetcher = new Fetcher(
    () => "/v1/state",
    () => {
      used.push(asked.mock.callCount());
      if (used.length === 1) throw new Error("broken");
    },
    () => assert.fail("the exporter has answered"),
  );
  fetcher.ask();
  await settled();
  fetcher.ask();
  await settled();
  assert.deepEqual(used, [1, 2]);
  assert.equal(told.mock.callCount(), 1);
});

test("what the exporter does not answer is asked again only on demand", async (context) => {
  const asked = context.mock.method(globalThis, "fetch", async () => new Response("", {status: 503}));
  let failures = 0;
  const fetcher = new Fetcher(
    () => "/v1/groups",
    () => assert.fail("that is no answer"),
    () => ++failures,
  );
  fetcher.ask();
  fetcher.ask();
  await settled();
  assert.equal(failures, 1);
  fetcher.ask();
  await settled();
  assert.equal(asked.mock.callCount(), 2);
});
