// The first thing that runs: the two long loads, the engine in its worker and the page's own module, start side by
// side before the larger bundle has been parsed.
import appModule from "built:app_bg.wasm";
import "./theme.js";

// A link's replay needs the whole engine, a first visit only what comes first: see www/js/worker/rest.js.
const parts = location.hash.startsWith("#s=") ? "#whole" : "";
const worker = new Worker(new URL(WORKER_FILE + parts, import.meta.url), { type: "module", name: "drydock" });
const compiled = WebAssembly.compileStreaming(fetch(new URL(appModule, import.meta.url)));

globalThis.drydock = { worker, compiled };
