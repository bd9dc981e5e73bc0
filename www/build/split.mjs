// Splits the engine's module: what a first visit runs up to its prompt, and the rest. What that is, a run here says:
// the machine is deterministic, so the same build is always split the same way. See src/splitter.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const MS = 1e6;
const TTY = "1";
const SLICES = 256;

/** Leaves `worker_bg.wasm` without, and `worker_rest.wasm` with what a first visit does not run. */
export async function splitWorker(stage) {
  const at = (name) => join(stage, name);
  const split = (...args) => execFileSync("split-module", args, { encoding: "utf8" });
  /** A fresh instance each time: the glue holds one. */
  const start = async (name, purpose) => {
    const engine = await import(`${pathToFileURL(at("worker.js"))}?${purpose}`);
    return { engine, ...engine.initSync({ module: readFileSync(at(name)) }) };
  };
  const [marks, functions] = split("trace", at("worker_bg.wasm"), at("traced.wasm")).split(" ").map(Number);
  const { engine, memory } = await start("traced.wasm", "trace");
  firstVisit(engine, 1);
  writeFileSync(at("ran"), new Uint8Array(memory.buffer, marks, functions));
  split("split", at("worker_bg.wasm"), at("ran"), "__wbg_loadRest_", at("worker_bg.wasm"), at("worker_rest.wasm"));
  rmSync(at("traced.wasm"));
  rmSync(at("ran"));
  // Another machine, the same way: a visit that needs the rest would wait for it.
  globalThis.loadRest = () => { throw new Error("a first visit needs the rest of the module"); };
  firstVisit((await start("worker_bg.wasm", "check")).engine, 2);
}

/** Boots, opens a terminal, lists the folder that the page shows, and types as people do at a prompt. */
function firstVisit(engine, seed) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let output = "";
  let now = 0;
  // As www/js/worker/worker.js drives it.
  const advance = (ms) => {
    for (const end = now + ms * MS; now < end; ) {
      [now] = engine.advance(end, SLICES);
      output += decoder.decode(engine.take_output());
    }
  };
  const input = (act) => {
    const stamp = engine.stamp_for(now + MS);
    act();
    [now] = engine.advance_until_idle(stamp + 20 * MS, SLICES);
    output += decoder.decode(engine.take_output());
  };
  const type = (text) => {
    for (const key of text) {
      input(() => engine.keys(TTY, encoder.encode(key)));
      advance(30);
    }
  };
  engine.boot(seed, 1);
  engine.advance(0, SLICES);
  input(() => engine.open_tty(TTY, 97, 31));
  engine.list_dir("/root");
  advance(3000);
  if (!output.includes("# ")) throw new Error(`the first visit came to no prompt:\n${output}`);
  input(() => engine.resize(TTY, 100, 30));
  type("ls -l\r");
  type("ecoh\x7f\x7fho \x1b[D\x1b[C\t\x1b[A\x1b[B\x03\r");
}
