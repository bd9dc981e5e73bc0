// Hands the page's Rust what it cannot be written in: the terminal and the editor.
import initApp from "built:app.js";
import { createTerminal } from "./terminal.js";

Object.assign(globalThis.drydock, {
  createTerminal,
  createEditor: async (host, handlers) => (await import("./editor.js")).createEditor(host, handlers),
});

await initApp({ module_or_path: globalThis.drydock.compiled });
