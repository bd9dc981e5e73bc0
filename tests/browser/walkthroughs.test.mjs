// The learners' two documents in the browser: typed key by key, replayed from a link, and played in the worker with
// the very bytes that the native command gives.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, open, PROMPT } from "./page.mjs";

const file = (name) => fileURLToPath(new URL(`../walkthroughs/${name}.jsonl`, import.meta.url));
const steps = (name) => readFileSync(file(name), "utf8").split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** What the terminal must show after a line, the nth time that it is typed: the moments that the documents are about. */
const MOMENTS = {
  containers: [
    ["docker start -a $(docker ps -lq)", /^bin$/m],
    ["docker rm sleeper", /container is running: stop the container before removing or force remove/],
    ["docker rmi alpine", /Untagged: alpine:latest/],
    ["docker system prune", /Are you sure you want to continue\? \[y\/N\]/],
    ["redis-cli", /bash: redis-cli: command not found/],
    ["docker exec -it $(docker ps -q) redis-cli", /127\.0\.0\.1:6379> $/],
    ["get key1", /"test"/],
    ["docker exec -it $(docker ps -q) zsh", /executable file not found in \$PATH/],
    ["docker exec -it $(docker ps -q) powershell", /executable file not found in \$PATH/],
    ["docker build -t me/repo/project:1.0 ./", /naming to docker\.io\/me\/repo\/project:1\.0/],
    ["docker run --rm me/repo/project:1.0", /hello from my image/],
  ],
  cluster: [
    ["docker network inspect redis-cluster", /"IPv4Address": "172\.18\.0\.2\/16"/],
    ["docker exec -it redis-7000 redis-cli --cluster create 172.18.0.2/16:7000 172.18.0.3/16:7001 172.18.0.4/16:7002 --cluster-replicas 0", /Could not connect to Redis at 172\.18\.0\.2\/16:7000: Name or service not known/],
    ["docker exec -it redis-7000 redis-cli --cluster create 172.18.0.2:7000 172.18.0.3:7001 172.18.0.4:7002 --cluster-replicas 0", /Can I set the above configuration\?/],
    ["yes", /\[OK\] All 16384 slots covered\./],
    ["set foo bar", /-> Redirected to slot \[12182\] located at 172\.18\.0\.4:7002/],
    ["get foo", /"bar"/],
    ["cluster info", /cluster_state:ok/],
    // Without -c the node that has not the slot says who has.
    ["get foo", /\(error\) MOVED 12182 172\.18\.0\.4:7002/, 2],
  ],
};
/** Programs that keep the terminal: what shows that they are at work. */
const STAYS = [["docker run redis", /Ready to accept connections/], ["docker exec $(docker ps -q) redis-cli", /$/]];

/** Types a document's steps. */
async function walk(drydock, name) {
  const shown = [];
  for (const step of steps(name)) {
    if (step.write) {
      await drydock.write(step.write, step.data);
      continue;
    }
    if (step.wait_ms) {
      await drydock.page.waitForTimeout(step.wait_ms);
      continue;
    }
    if (step.tty !== drydock.tty) {
      if (await drydock.page.locator(`#tab-${step.tty}`).count()) await drydock.terminal(step.tty);
      else assert.equal(await drydock.newTerminal(), step.tty);
    }
    if (step.keys !== undefined) {
      const from = (await drydock.output()).length;
      await drydock.page.keyboard.press("Control+C");
      await drydock.until(PROMPT, { from });
      continue;
    }
    const stays = STAYS.find(([line]) => line === step.line);
    const output = await drydock.run(step.line, { until: stays?.[1], timeout: 120_000 });
    shown.push([step.line, output]);
    const moments = MOMENTS[name].filter(([line, , nth = 1]) => line === step.line && shown.filter(([typed]) => typed === line).length === nth);
    for (const [line, pattern] of moments) assert.match(output, pattern, line);
    if (step.line === "docker exec $(docker ps -q) redis-cli") {
      // Without -it the client reads its commands from a pipe that nobody fills: Ctrl-C gets out.
      await drydock.page.waitForTimeout(1000);
      const from = (await drydock.output()).length;
      if (!PROMPT.test(await drydock.output())) {
        await drydock.page.keyboard.press("Control+C");
        await drydock.until(PROMPT, { from });
      }
    }
  }
  for (const [line] of MOMENTS[name]) assert.ok(shown.some(([typed]) => typed === line), `${line} was not typed`);
}

test("the first document, typed", { timeout: 600_000 }, async () => {
  const drydock = await open(browser);
  await drydock.ready();
  await walk(drydock, "containers");
  assert.deepEqual(drydock.errors, []);
  await drydock.close();
});

test("the second document, typed, and its link in a fresh profile", { timeout: 600_000 }, async () => {
  const drydock = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await drydock.ready();
  await walk(drydock, "cluster");
  const { address, hash } = await drydock.link();
  assert.ok(address.length < 1000, `the link has ${address.length} characters`);
  const before = await drydock.output("1");
  await drydock.close();

  const other = await open(browser, { search: "", hash });
  await other.page.waitForFunction(() => globalThis.reports.includes("replayed"), null, { timeout: 60_000 });
  assert.equal(await other.output("1"), before);
  other.tty = "1";
  await other.page.click(".screen[data-active=true] .xterm-host");
  // The same containers run, and the cluster goes on from where it was.
  // The network's id comes first, then the three containers'.
  const ids = before.match(/^[0-9a-f]{64}$/gm).slice(1);
  assert.equal(ids.length, 3);
  const running = await other.run("docker ps -q --no-trunc");
  for (const id of ids) assert.ok(running.includes(id), `${id} does not run in the replay`);
  assert.match(await other.run("docker exec redis-7002 redis-cli -p 7002 get foo"), /bar/);
  assert.deepEqual(other.errors, []);
  await other.close();
});

for (const [what, hash, words] of [
  ["cut short", (hash) => hash.slice(0, -12), /incomplete/],
  ["damaged", (hash) => `${hash.slice(0, 14)}zz${hash.slice(16)}`, /damaged/],
  ["hostile", () => "#s=%3Cscript%3Ealert(1)%3C/script%3E", /damaged/],
  ["from the future", (hash) => hash.replace("#s=A", "#s=B"), /newer/],
]) {
  test(`a link that is ${what} is told in words, and a fresh session runs`, { timeout: 120_000 }, async () => {
    const drydock = await open(browser);
    await drydock.ready();
    await drydock.run("echo hello");
    const { hash: good } = await drydock.link();
    await drydock.close();
    const other = await open(browser, { search: "", hash: hash(good) });
    await other.ready();
    assert.match(await other.page.textContent(".toast[data-error=true] p"), words);
    assert.match(await other.run("echo fresh"), /^fresh$/m);
    assert.deepEqual(other.errors, []);
    await other.close();
  });
}

for (const name of ["containers", "cluster"]) {
  const native = process.env.DRYDOCK_NATIVE;
  test(`${name}: the worker gives the bytes that the native command gives`, { timeout: 300_000, skip: !native && "DRYDOCK_NATIVE names no command" }, async () => {
    const { stdout: expected, error } = spawnSync(native, ["play", file(name), "--seed", "7"], { encoding: "utf8", maxBuffer: 1 << 22 });
    assert.equal(error?.code, undefined);
    const drydock = await open(browser);
    await drydock.ready();
    const played = await drydock.page.evaluate((text) => new Promise((resolve) => {
      const { worker } = globalThis.drydock;
      worker.addEventListener("message", ({ data: [kind, id, , value] }) => kind === "answer" && id === -1 && resolve(value));
      worker.postMessage(["play", -1, 7, text]);
    }), readFileSync(file(name), "utf8"));
    // Line by line, so that a difference shows the step and not the whole session.
    const [ours, theirs] = [played.split("\n"), expected.split("\n")];
    for (const [step, line] of theirs.entries()) assert.equal(ours[step], line, `step ${step + 1}`);
    assert.equal(ours.length, theirs.length);
    await drydock.close();
  });
}
