// One xterm.js terminal as the page's Rust sees it: bytes in, bytes out, its size, its selection.
import { ClipboardAddon } from "@xterm/addon-clipboard";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { blink } from "./blink.js";
import { copyText } from "./clipboard.js";
import { terminalTheme } from "./palette.js";
import { onThemeChange } from "./theme.js";

const FONT = '"JetBrains Mono Variable", "Two Cells", ui-monospace, monospace';
const encoder = new TextEncoder();
/** On a telephone's width more columns are worth more than large letters. */
const narrow = matchMedia("(max-width: 760px)");
const fontSize = () => (narrow.matches ? 12 : 14);

/**
 * Opens a terminal in `host`. `handlers`: `data(Uint8Array)`, `resize(cols, rows)`, `pasteRefused(bytes)`,
 * `shortcut(name)`; `label` for screen readers; `pasteLimit` in bytes; `spoken` keeps the text for screen readers too.
 */
export function createTerminal(host, handlers, label, pasteLimit, spoken) {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorInactiveStyle: "outline",
    fontFamily: FONT,
    fontSize: fontSize(),
    fontWeight: "400",
    fontWeightBold: "700",
    lineHeight: 1.25,
    minimumContrastRatio: 4.5,
    screenReaderMode: spoken,
    scrollback: 5000,
    smoothScrollDuration: 0,
    theme: terminalTheme(),
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.loadAddon(new ClipboardAddon());
  terminal.loadAddon(new WebLinksAddon((event, uri) => (event.ctrlKey || event.metaKey) && open(uri, "_blank", "noopener")));
  terminal.open(host);
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.textarea.setAttribute("aria-label", label);

  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const unblink = calm ? () => {} : blink(terminal, host);
  let following = true;
  const refit = () => {
    if (following && host.clientWidth > 0 && host.clientHeight > 0) fit.fit();
  };
  const paste = (text) => {
    const size = encoder.encode(text).length;
    if (size > pasteLimit) handlers.pasteRefused(size);
    else terminal.paste(text);
  };
  const copy = () => {
    const text = terminal.getSelection();
    if (text) copyText(text);
    terminal.clearSelection();
  };

  terminal.onData((text) => handlers.data(encoder.encode(text)));
  terminal.onBinary((text) => handlers.data(Uint8Array.from(text, (char) => char.charCodeAt(0))));
  // The first size goes out with the order to open a terminal of the machine; only later ones are news.
  refit();
  terminal.onResize(({ cols, rows }) => following && handlers.resize(cols, rows));
  host.addEventListener("paste", (event) => {
    event.preventDefault();
    event.stopPropagation();
    paste(event.clipboardData?.getData("text/plain") ?? "");
  }, true);
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key === "F6") return shortcut(event, event.shiftKey ? "previous-pane" : "next-pane");
    if (!event.ctrlKey || event.altKey || event.metaKey) return true;
    // As on every desktop: with a selection Ctrl C copies it, without one it interrupts; Ctrl V pastes.
    if (!event.shiftKey) {
      if (event.code === "KeyC" && terminal.hasSelection()) return shortcut(event, "copy");
      return event.code !== "KeyV";
    }
    // The browser's own paste follows; it arrives as a paste event.
    if (event.code === "KeyV") return false;
    if (event.code === "KeyC") return shortcut(event, "copy");
    if (event.code === "KeyF") return shortcut(event, "search");
    return true;
  });
  function shortcut(event, name) {
    event.preventDefault();
    if (event.type === "keydown") {
      if (name === "copy") copy();
      else handlers.shortcut(name);
    }
    return false;
  }

  const resize = () => {
    terminal.options.fontSize = fontSize();
    refit();
  };
  narrow.addEventListener("change", resize);
  const untheme = onThemeChange(() => { terminal.options.theme = terminalTheme(); });
  const observer = new ResizeObserver(refit);
  observer.observe(host);
  // Cells are measured with the font at hand: measure again when the real one has come.
  document.fonts.load('14px "JetBrains Mono Variable"').then(() => {
    terminal.options.fontFamily = `${FONT}, serif`;
    refit();
  });

  return {
    write: (bytes, done) => terminal.write(bytes, done),
    size: () => [terminal.cols, terminal.rows],
    focus: () => terminal.focus(),
    /** A replay dictates the size; afterwards the window does again. */
    dictate(cols, rows) {
      following = false;
      terminal.resize(cols, rows);
    },
    follow() {
      following = true;
      refit();
    },
    type: (text) => terminal.input(text, true),
    paste,
    relabel: (text) => terminal.textarea.setAttribute("aria-label", text),
    speak(on) { terminal.options.screenReaderMode = on; },
    find: (text, forward) => (forward ? search.findNext(text) : search.findPrevious(text)),
    clearFind: () => search.clearDecorations(),
    dispose() {
      observer.disconnect();
      narrow.removeEventListener("change", resize);
      unblink();
      untheme();
      terminal.dispose();
    },
  };
}
