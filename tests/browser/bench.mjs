// The benchmark: what a reader waits for, and what the machine costs. Prints one line a figure.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch, open } from "./page.mjs";

const cluster = readFileSync(fileURLToPath(new URL("../walkthroughs/cluster.jsonl", import.meta.url)), "utf8");
const say = (what, value, aim = "") => console.log(`${what.padEnd(52)} ${value.padStart(12)}${aim && `   (aim: ${aim})`}`);
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const median = (values) => at(values.toSorted((a, b) => a - b), 0.5);

let browser = await launch();

/** What was loaded, as the browser counts it: name, bytes over the wire, when it was asked for (ms since 1970). */
const loaded = () => [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
  .map((entry) => [entry.name, entry.encodedBodySize, performance.timeOrigin + entry.startTime]);

/** Bytes that were asked for before the prompt stood there, and those that came behind. */
async function firstLoad() {
  const drydock = await open(browser, { search: "", hash: "" });
  const { page } = drydock;
  const shown = (await prompt(page)) + (await page.evaluate(() => performance.timeOrigin));
  await page.waitForTimeout(5000);
  const entries = [page, ...page.workers()].map((context) => context.evaluate(loaded));
  const all = (await Promise.all(entries)).flat().sort((a, b) => b[1] - a[1]);
  const total = (some) => `${(some.reduce((sum, [, size]) => sum + size, 0) / 1000).toFixed(0)} KB`;
  const before = all.filter(([, , asked]) => asked <= shown);
  const after = all.filter(([, , asked]) => asked > shown);
  say("first load, brotli, until the prompt", total(before), "under 900 KB");
  for (const entry of before.slice(0, 6)) say(`  ${new URL(entry[0]).pathname.slice(1) || "index.html"}`, total([entry]));
  say("loaded behind it", total(after));
  for (const entry of after) say(`  ${new URL(entry[0]).pathname.slice(1)}`, total([entry]));
  await drydock.close();
}

/** Milliseconds from navigation to the prompt in the terminal. */
async function prompt(page) {
  await page.waitForFunction(() => /[#$]\s*$/.test(document.querySelector(".xterm-rows")?.innerText.trimEnd() ?? ""), null, { polling: "raf" });
  return page.evaluate(() => performance.now());
}

async function timeToPrompt() {
  const cold = [];
  const warm = [];
  for (let run = 0; run < 5; run += 1) {
    // Cold is a browser that has never seen the page: no code of it is compiled yet.
    await browser.close();
    browser = await launch();
    const drydock = await open(browser);
    cold.push(await prompt(drydock.page));
    await drydock.page.waitForTimeout(1500);
    await drydock.page.reload();
    warm.push(await prompt(drydock.page));
    await drydock.close();
  }
  say("first prompt, cold (median of 5)", `${median(cold).toFixed(0)} ms`, "under 1 s");
  say("first prompt, warm (median of 5)", `${median(warm).toFixed(0)} ms`);
}

/** From the key's event to the echo: taken in by the terminal (the page then tells the worker), and put on the screen. */
async function echo() {
  const drydock = await open(browser);
  await drydock.ready();
  const { page } = drydock;
  await page.waitForTimeout(2000);
  await page.evaluate(() => {
    const delays = (globalThis.delays = { taken: [], drawn: [] });
    let pressed = {};
    const note = (what) => {
      if (pressed[what]) delays[what].push(performance.now() - pressed[what]);
      pressed[what] = 0;
    };
    addEventListener("keydown", ({ timeStamp }) => { pressed = { taken: timeStamp, drawn: timeStamp }; }, true);
    const { worker } = globalThis.drydock;
    const post = worker.postMessage;
    worker.postMessage = (message, ...rest) => {
      if (message[0] === "shown") note("taken");
      post.call(worker, message, ...rest);
    };
    // The rows are drawn in a frame's callback; what is drawn before the echo has come is only the cursor.
    new MutationObserver(() => pressed.taken === 0 && note("drawn")).observe(document.querySelector(".xterm-rows"), { childList: true, subtree: true, characterData: true });
  });
  for (let round = 0; round < 6; round += 1) {
    for (let key = 0; key < 50; key += 1) {
      await page.keyboard.press("a");
      await page.waitForTimeout(30 + ((key * 37) % 60));
    }
    await page.keyboard.press("Control+U");
    await page.waitForTimeout(100);
  }
  const { taken, drawn } = await page.evaluate(() => globalThis.delays);
  for (const delays of [taken, drawn]) delays.sort((a, b) => a - b);
  say(`key press to echo, p50 (${taken.length} keys)`, `${at(taken, 0.5).toFixed(1)} ms`);
  say("key press to echo, p99", `${at(taken, 0.99).toFixed(1)} ms`, "under 16 ms");
  say("key press to the frame that draws it, p50, p99", `${at(drawn, 0.5).toFixed(1)}, ${at(drawn, 0.99).toFixed(1)} ms`);
  await drydock.close();
}

/** The second walk-through in the worker: virtual against real seconds. */
async function replay() {
  const drydock = await open(browser);
  await drydock.ready();
  const { real, virtual } = await drydock.page.evaluate((text) => new Promise((resolve) => {
    const begun = performance.now();
    globalThis.drydock.worker.addEventListener("message", ({ data: [kind, id, , value] }) => {
      if (kind !== "answer" || id !== -1) return;
      const last = JSON.parse(value.trim().split("\n").at(-1));
      resolve({ real: performance.now() - begun, virtual: last.at_ms });
    });
    globalThis.drydock.worker.postMessage(["play", -1, 7, text]);
  }), cluster + '{"wait_ms":600000}\n');
  say("replay of the second walk-through and ten minutes more", `${(virtual / 1000).toFixed(0)} s in ${(real / 1000).toFixed(2)} s`);
  say("replay speed", `${(virtual / real).toFixed(0)} x`, "1,000 x");
  await drydock.close();
}

/** What six nodes cost that nobody talks to, at 1x, as the browser's processes' processor time. */
async function idle() {
  const drydock = await open(browser);
  await drydock.ready();
  await drydock.run("docker pull redis", { timeout: 120_000 });
  await drydock.run("docker network create redis-cluster");
  const conf = "cluster-enabled yes\\ncluster-node-timeout 5000\\nprotected-mode no\\n";
  for (let port = 7000; port < 7006; port += 1) {
    await drydock.run(`mkdir -p n${port} && printf 'port ${port}\\n${conf}' > n${port}/redis.conf`);
    await drydock.run(`docker run -d --name redis-${port} --net redis-cluster -v /root/n${port}/redis.conf:/redis.conf redis redis-server /redis.conf`);
  }
  const nodes = [2, 3, 4, 5, 6, 7].map((host, index) => `172.18.0.${host}:${7000 + index}`).join(" ");
  await drydock.run(`docker exec -it redis-7000 redis-cli --cluster create ${nodes} --cluster-replicas 1 --cluster-yes`, { timeout: 60_000, until: /slots covered[^]*[#$] $/ });
  await drydock.page.waitForTimeout(3000);
  const session = await browser.newBrowserCDPSession();
  const used = async () => (await session.send("SystemInfo.getProcessInfo")).processInfo.reduce((sum, info) => sum + (info.type === "renderer" ? info.cpuTime : 0), 0);
  const [before, begun] = [await used(), Date.now()];
  await drydock.page.waitForTimeout(20_000);
  const share = ((await used()) - before) / ((Date.now() - begun) / 1000);
  say("idle six-node cluster at 1x, of one core", `${(100 * share).toFixed(1)} %`);
  await drydock.close();
}

const measures = { firstLoad, timeToPrompt, echo, replay, idle };
const wanted = process.argv.slice(2);
for (const measure of Object.values(measures).filter(({ name }) => !wanted.length || wanted.includes(name))) {
  try {
    await measure();
  } catch (error) {
    process.exitCode = 1;
    console.log(`${measure.name}: ${error.message}`);
  }
}
await browser.close();
