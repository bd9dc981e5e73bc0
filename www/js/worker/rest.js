// The rest of the engine's module, which the build splits off: no first visit runs it before its prompt. It comes
// behind; where a stub calls it before it is there, the engine stands in the middle of a call, and it is loaded at once.
import restModule from "built:worker_rest.wasm";

const TRIES = 3;
const RETRY_MS = 5000;
const address = new URL(restModule, import.meta.url);
let coming;
/** What the first half exports. */
let primary;
/** Came before the first half did. */
let early;
let linked = false;

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

function fetchNow() {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${address}: ${request.status}`);
  return request.response;
}

// What the module imports under this name.
globalThis.loadRest = () => {
  for (let tries = 1; !linked; tries += 1) {
    try {
      link(new WebAssembly.Module(fetchNow()));
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
};
