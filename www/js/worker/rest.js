// The rest of the engine's module, which the build splits off: no first visit runs it before its prompt. It comes
// behind; where a stub calls it before it is there, the engine stands in the middle of a call, and it is loaded at once.
import restModule from "built:worker_rest.wasm";

const TRIES = 3;
const RETRY_MS = 5000;
/** Between two tries in the middle of a call: the worker can do nothing else meanwhile. */
const PAUSE_MS = 1000;
const address = new URL(restModule, import.meta.url);
let coming;
/** What the first half exports. */
let primary;
/** Came before the first half did. */
let early;
let linked = false;

/** A file of the page's that cannot be had, and asking again would not help. */
export class Missing extends Error {}

/** The first half is there. */
export function attach(exports) {
  primary = exports;
  if (early) link(early);
}

/** Its table entries take over the stubs' slots; it has no memory of its own. */
function link(module) {
  if (linked) return;
  if (!primary) {
    early = module;
    return;
  }
  new WebAssembly.Instance(module, { primary });
  linked = true;
}

/** Fetches it beside what else there is to do. Where that fails, it tries again later, and a stub does at once. */
export function prefetch() {
  if (linked) return undefined;
  coming ??= WebAssembly.compileStreaming(fetch(address, { priority: "low" })).then(link).catch(() => {
    coming = undefined;
    setTimeout(prefetch, RETRY_MS);
  });
  return coming;
}

/** The bytes; `null` where nobody answers. */
function fetchNow() {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  request.responseType = "arraybuffer";
  try {
    request.send();
  } catch {
    return null;
  }
  if (request.status !== 200) throw new Missing(`${address}: ${request.status} ${request.statusText}`);
  return request.response;
}

/** Stands still: nothing may run in the middle of a call. */
function pause() {
  try {
    // A shared buffer of the page's own is only for pages of a special kind; a shared memory of WebAssembly is for all.
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    Atomics.wait(new Int32Array(buffer), 0, 0, PAUSE_MS);
  } catch {
    for (const end = performance.now() + PAUSE_MS; performance.now() < end; );
  }
}

// What the module imports under this name. Without a network it waits for one: the call that is under way cannot be
// given up, the machine would be lost with it.
globalThis.loadRest = () => {
  let told = false;
  for (let tries = 1; !linked; ) {
    try {
      const bytes = fetchNow();
      if (bytes) {
        link(new WebAssembly.Module(bytes));
        break;
      }
      if (!told) postMessage(["waiting", true]);
      told = true;
    } catch (error) {
      if (tries === TRIES) throw error;
      tries += 1;
    }
    pause();
  }
  if (told) postMessage(["waiting", false]);
};
