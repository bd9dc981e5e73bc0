// Hands the page's Rust what it cannot be written in: the terminal and the editor.
import initApp from "built:app.js";
import { copyText } from "./clipboard.js";
import { createTerminal } from "./terminal.js";
import { setTheme } from "./theme.js";

Object.assign(globalThis.drydock, {
  createTerminal,
  setTheme,
  createEditor: async (host, handlers) => handlers.ready((await import("./editor.js")).createEditor(host, handlers)),
  copyText: (text, done) => copyText(text).then(done),
});

await initApp({ module_or_path: globalThis.drydock.compiled });
