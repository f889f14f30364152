// A browser that does what it is told: one JSON command a line on standard input, one JSON answer a line on standard
// output. {"do": "click", "selector": "#more"} is answered {"value": null} or {"error": "..."}.
//   node browser.mjs FOLDER    FOLDER/node_modules holds playwright-core and axe-core; CHROMIUM names another browser than Debian's
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {resolve} from "node:path";
import {createInterface} from "node:readline";

const modules = createRequire(resolve(process.argv[2], "any.js"));
const {chromium} = modules("playwright-core");
const kAxe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const kPollMs = 10;
const kMaxProblems = 200;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const context = await browser.newContext();
const page = await context.newPage();
const cdp = await context.newCDPSession(page);

/** What no page of ours may do. */
let problems = [];
let origin = "";
/** Bytes that came over the wire, head and body, by path. */
const wire = new Map();
const paths = new Map();

function problem(kind, text) {
  if (problems.length < kMaxProblems) problems.push({kind, text});
}

page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) problem("console", `${message.text()} ${message.location().url}`);
});
page.on("pageerror", (error) => problem("exception", String(error.stack ?? error)));
page.on("dialog", (dialog) => {
  problem("dialog", dialog.message());
  return dialog.dismiss();
});
page.on("popup", (popup) => problem("popup", popup.url()));
page.on("request", (request) => {
  const url = new URL(request.url());
  if (url.origin !== origin) problem("foreign", request.url());
});
page.on("requestfailed", (request) => problem("failed", `${request.url()} ${request.failure()?.errorText}`));
await cdp.send("Network.enable");
await cdp.send("Performance.enable", {timeDomain: "threadTicks"});
cdp.on("Network.requestWillBeSent", ({requestId, request}) => paths.set(requestId, new URL(request.url).pathname));
cdp.on("Network.loadingFinished", ({requestId, encodedDataLength}) => {
  const path = paths.get(requestId);
  wire.set(path, (wire.get(path) ?? []).concat(encodedDataLength).slice(-100));
  paths.delete(requestId);
});

/** Through the debugger, which no content security policy keeps from evaluating. */
async function evaluate(expression) {
  const {result, exceptionDetails} = await cdp.send("Runtime.evaluate", {
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value ?? null;
}

const commands = {
  goto: async ({url}) => {
    origin = new URL(url).origin;
    await page.goto(url, {waitUntil: "load"});
  },
  evaluate: ({expression}) => evaluate(expression),
  /** Until the expression is true; its last value is told when it does not come true in time. */
  wait: async ({expression, timeout = 10000}) => {
    const end = Date.now() + timeout;
    for (;;) {
      const value = await evaluate(expression);
      if (value) return value;
      if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${expression}`);
      await new Promise((done) => setTimeout(done, kPollMs));
    }
  },
  click: ({selector}) => page.locator(selector).click({timeout: 10000}),
  fill: ({selector, text}) => page.locator(selector).fill(text, {timeout: 10000}),
  press: ({keys}) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()),
  look: async ({width, height, scheme, motion}) => {
    if (width) await page.setViewportSize({width, height});
    await page.emulateMedia({...(scheme && {colorScheme: scheme}), ...(motion && {reducedMotion: motion})});
  },
  screenshot: async ({path, whole = true}) => {
    await page.screenshot({path, fullPage: whole});
  },
  /** From now on the page gets this when it asks for that path. */
  answer: ({path, body}) => page.route(`**${path}`, (route) => route.fulfill({json: body})),
  problems: () => problems,
  forgive: () => {
    problems = [];
  },
  wire: () => Object.fromEntries(wire),
  /** Seconds for which the page has kept a processor busy, however much else the machine does. */
  busy: async () => (await cdp.send("Performance.getMetrics")).metrics.find(({name}) => name === "TaskDuration").value,
  /** What axe-core finds wrong for people with disabilities: a line for each element. */
  axe: async () => {
    if (!(await evaluate("'axe' in window"))) await evaluate(`${kAxe}; null`);
    return evaluate(`axe.run({resultTypes: ["violations"]}).then(({violations}) => violations.flatMap((one) =>
      one.nodes.map((node) => one.id + ": " + node.target.join(" ") + ": " + node.failureSummary)))`);
  },
};

async function answer(line) {
  try {
    const command = JSON.parse(line);
    return {value: (await commands[command.do](command)) ?? null};
  } catch (error) {
    return {error: String(error.message ?? error)};
  }
}

process.stdout.write(`${JSON.stringify({value: browser.version()})}\n`);
for await (const line of createInterface({input: process.stdin})) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
await browser.close();
