// The engine's worker: the wasm module's doors on one side, the page's messages on the other. Time is paced here,
// because the module itself reads no clock.
//
// Page to worker: [kind, …]; every request that wants an answer carries an id and gets ["answer", id, ok, value].
// Worker to page: ["ready"], ["output", tty, bytes], ["opened" | "resized", tty, cols, rows], ["closed", tty],
// ["replay", done, total, virtual ms], ["replayed", same build], ["link-refused", reason], ["clock", ms],
// ["refused", text], ["waiting", whether for the network], ["failed", whether for want of a file, text].
import engineModule from "built:worker_bg.wasm";
import init, * as engine from "built:worker.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import * as rest from "./rest.js";

const MS = 1e6;
/** What an input causes may run this far ahead of real time, so that an echo does not wait for the work's virtual price. */
const AHEAD_MS = 20;
/** How long one turn may run before messages are looked at. */
const TURN_MS = 8;
/** How many slices of the machine run between two looks at the clock. */
const SLICES = 256;
/** The rest of the module is fetched so long after the page has first shown all there is: the prompt. */
const REST_MS = 250;
/** The clock that the page shows moves this often. */
const CLOCK_MS = 1000;

const outbox = new Outbox(() => wake());
let pace = null;
let replaying = false;
let timer = 0;
let queued = false;
let clockShown = -Infinity;
let restTimer;

// A message comes back sooner than a timer: this is how the worker yields without losing time.
const yielder = new MessageChannel();
yielder.port1.onmessage = () => {
  queued = false;
  turn();
};
function soon() {
  if (queued) return;
  queued = true;
  yielder.port2.postMessage(0);
}
function wake() {
  clearTimeout(timer);
  timer = 0;
  if (pace || replaying) soon();
}

function turn() {
  try {
    if (replaying) replayTurn();
    else if (pace) liveTurn();
  } catch (error) {
    fail(error);
  }
}

function liveTurn() {
  clearTimeout(timer);
  timer = 0;
  // The page is behind with what it was sent: time waits for it.
  if (outbox.full()) return;
  const began = performance.now();
  let now;
  let next;
  let target;
  do {
    target = pace.target(performance.now());
    [now, next] = engine.advance(target, SLICES);
    outbox.collect(engine.take_output());
  } while (next >= 0 && next <= target && now < target && performance.now() - began < TURN_MS && !outbox.full());
  pace.settle(now, performance.now());
  outbox.flush();
  showClock(now);
  const delay = pace.delay(now, next, performance.now());
  if (delay <= 0) soon();
  else if (delay < Infinity) timer = setTimeout(turn, delay);
}

function replayTurn() {
  if (outbox.full()) return;
  const began = performance.now();
  let state;
  do {
    state = engine.replay_step(SLICES);
    outbox.collect(engine.take_output());
  } while (!state[3] && performance.now() - began < 2 * TURN_MS && !outbox.full());
  outbox.flush();
  const [done, total, now, finished] = state;
  postMessage(["replay", done, total, now / MS]);
  if (!finished) return soon();
  replaying = false;
  start(now);
  postMessage(["replayed"]);
}

function start(now) {
  pace = new Pace(now, performance.now());
  soon();
}

function showClock(now) {
  if (now - clockShown < CLOCK_MS * MS && now >= clockShown) return;
  clockShown = now;
  postMessage(["clock", now / MS]);
}

/** Brings the machine to the present, so that what follows is stamped with it, then runs what it caused at once. */
function input(act) {
  if (!pace) return undefined;
  const stamp = engine.stamp_for(pace.target(performance.now()));
  outbox.collect(engine.take_output());
  const result = act();
  const [now] = engine.advance_until_idle(stamp + AHEAD_MS * MS, SLICES);
  outbox.collect(engine.take_output());
  pace.settle(now, performance.now());
  outbox.flush();
  wake();
  return result;
}

const commands = {
  boot(seed, link) {
    if (!link) {
      engine.boot(seed, ENGINE_BUILD);
      return start(0);
    }
    try {
      const same = engine.open_link(link, ENGINE_BUILD);
      replaying = true;
      postMessage(["replaying", same]);
      soon();
    } catch (reason) {
      postMessage(["link-refused", String(reason)]);
      engine.boot(seed, ENGINE_BUILD);
      start(0);
    }
  },
  open: (tty, cols, rows) => input(() => engine.open_tty(tty, cols, rows)),
  close: (tty) => input(() => engine.close_tty(tty)),
  keys: (tty, bytes) => input(() => engine.keys(tty, bytes)),
  resize: (tty, cols, rows) => input(() => engine.resize(tty, cols, rows)),
  shown(bytes) {
    outbox.shown(bytes);
    if (outbox.allShown()) restTimer ??= setTimeout(rest.prefetch, REST_MS);
  },
};
const requests = {
  write: (path, bytes) => input(() => engine.write_file(path, bytes)),
  read: (path) => engine.read_file(path),
  list: (path) => engine.list_dir(path),
  link: () => engine.link(),
  play: (seed, steps) => engine.play(seed, steps),
};

// Messages that came before the module did are kept in order.
const early = [];
let receive = (message) => early.push(message);
onmessage = ({ data }) => receive(data);

function handle([kind, ...args]) {
  if (!(kind in requests)) {
    try {
      commands[kind](...args);
    } catch (error) {
      refuse(error);
    }
    return;
  }
  const [id, ...rest] = args;
  try {
    postMessage(["answer", id, true, requests[kind](...rest) ?? null]);
  } catch (error) {
    if (typeof error !== "string") fail(error);
    postMessage(["answer", id, false, String(error)]);
  }
}

/** The machine says no in words; anything else is a fault that it cannot go on from. */
function refuse(error) {
  if (typeof error === "string") postMessage(["refused", error]);
  else fail(error);
}

function fail(error) {
  pace = null;
  replaying = false;
  const missing = error instanceof rest.Missing;
  postMessage(["failed", missing, missing ? error.message : String(error?.stack ?? error)]);
}

async function startEngine() {
  const address = new URL(engineModule, import.meta.url);
  const response = await fetch(address).catch((error) => { throw new rest.Missing(`${address}: ${error.message}`); });
  if (!response.ok) throw new rest.Missing(`${address}: ${response.status} ${response.statusText}`);
  return init({ module_or_path: response });
}

try {
  // A link's session will need everything.
  const whole = location.hash === "#whole" && rest.prefetch();
  rest.attach(await startEngine());
  await whole;
  receive = handle;
  early.splice(0).forEach(handle);
} catch (error) {
  fail(error);
}
