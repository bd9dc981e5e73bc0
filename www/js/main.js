// Hands the page's Rust what it cannot be written in: the terminal and the editor.
import initApp from "built:app.js";
import { copyText } from "./clipboard.js";
import { keepOffline } from "./keep.js";
import { guard } from "./leave.js";
import { createTerminal } from "./terminal.js";
import { setTheme } from "./theme.js";

/** What no first visit needs before its prompt is fetched so long after the page stands. */
const LATER_MS = 4000;
const { worker, compiled, lost } = globalThis.drydock;
const editor = () => import("./editor.js");

Object.assign(globalThis.drydock, {
  createTerminal,
  setTheme,
  guard,
  createEditor(host, handlers) {
    editor().then((module) => handlers.ready(module.createEditor(host, handlers)), (error) => handlers.failed(String(error)));
  },
  copyText: (text, done) => copyText(text).then(done),
});

try {
  await initApp({ module_or_path: compiled });
  lost.then((text) => worker.dispatchEvent(new MessageEvent("message", { data: ["failed", !text, text || String(worker)] })));
  setTimeout(() => {
    // Where it cannot be fetched now, opening a file tries again and says so.
    editor().catch(() => {});
    keepOffline();
  }, LATER_MS);
} catch (error) {
  excuse(error);
}

/** The page's own part did not come: nothing else can say it. */
function excuse(error) {
  const text = navigator.language.startsWith("ko")
    ? "Drydock을 불러오지 못했습니다. 인터넷 연결을 확인하고 페이지를 새로 고쳐 주세요."
    : "Drydock could not be loaded. Check the connection, then reload the page.";
  const box = document.createElement("div");
  box.className = "excuse";
  box.setAttribute("role", "alert");
  const reason = document.createElement("pre");
  reason.textContent = String(error);
  box.append(text, reason);
  document.querySelector("#app").replaceChildren(box);
}
