// The first thing that runs: the two long loads, the engine in its worker and the page's own module, start side by
// side before the larger bundle has been parsed.
import appModule from "built:app_bg.wasm";
import "./theme.js";

// A link's replay needs the whole engine, a first visit only what comes first: see www/js/worker/rest.js.
const parts = location.hash.startsWith("#s=") || restores() ? "#whole" : "";
const worker = new Worker(new URL(WORKER_FILE + parts, import.meta.url), { type: "module", name: "drydock" });
const compiled = WebAssembly.compileStreaming(fetch(new URL(appModule, import.meta.url)));
/** Comes true where the worker's own script cannot be fetched, or fails outside of what it catches. */
const lost = new Promise((resolve) => worker.addEventListener("error", (event) => resolve(event.message ?? ""), { once: true }));

/** Whether the session that the page held before is to go on: src/app/prefs.rs asks for it. */
function restores() {
  try {
    return sessionStorage.getItem("drydock.restore") !== null;
  } catch {
    return false;
  }
}

globalThis.drydock = { worker, compiled, lost };
