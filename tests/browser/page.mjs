// What the browser tests share: a browser, a page with its machine, hands to type with and eyes to read with.
import { chromium } from "playwright-core";

const ADDRESS = process.env.DRYDOCK_URL ?? "http://localhost:8080/";
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
/** What stands at the end of a terminal that waits: the shell's prompt, redis-cli's, a question. */
export const PROMPT = /(?:[#$] |\d+> |redis-cli> |not connected> |\(type 'yes' to accept\): |\[y\/N\] ?)$/;

/** A browser. Chromium itself now and then dies at its start on a busy machine: three tries. */
export async function launch(tries = 3) {
  try {
    return await chromium.launch({ executablePath: process.env.DRYDOCK_BROWSER ?? "/usr/bin/chromium", args: ARGUMENTS });
  } catch (error) {
    if (tries > 1) return launch(tries - 1);
    throw error;
  }
}

/** Keeps, inside the page, what each terminal was sent, as the page itself gets it. */
function record() {
  const decoders = new Map();
  const outputs = (globalThis.recorded = {});
  globalThis.reports = [];
  const Real = globalThis.Worker;
  globalThis.Worker = class extends Real {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data: [kind, tty, bytes] }) => {
        globalThis.reports.push(kind);
        if (kind !== "output") return;
        if (!decoders.has(tty)) decoders.set(tty, new TextDecoder());
        outputs[tty] = (outputs[tty] ?? "") + decoders.get(tty).decode(bytes, { stream: true });
      });
    }
  };
}

/** A page with a fresh profile. `options` are Playwright's for a context; `search` and `hash` go into the address; `before` is called with the
    context, before anything is asked for. */
export async function open(browser, { search = "?seed=1", hash = "", before = () => {}, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await before(context);
  const page = await context.newPage();
  await page.addInitScript(record);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(ADDRESS + search + hash);
  return new Drydock(page, context, errors);
}

/** Text without what only moves the cursor and colours. */
export function plain(text) {
  return text
    .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g, "")
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/\x1b[=>78]/g, "")
    .replaceAll("\r", "");
}

export class Drydock {
  constructor(page, context, errors) {
    this.page = page;
    this.context = context;
    this.errors = errors;
    this.tty = "1";
  }

  /** What a terminal was sent so far. */
  async output(tty = this.tty) {
    return plain(await this.page.evaluate((tty) => globalThis.recorded[tty] ?? "", tty));
  }

  /** Waits until what came after the first `from` characters matches; returns it. */
  async until(pattern, { from = 0, tty = this.tty, timeout = 30_000 } = {}) {
    const end = Date.now() + timeout;
    for (;;) {
      const text = (await this.output(tty)).slice(from);
      if (pattern.test(text)) return text;
      if (Date.now() > end) throw new Error(`terminal ${tty}: ${pattern} did not come within ${timeout} ms; it shows\n${text.slice(-600)}`);
      await this.page.waitForTimeout(15);
    }
  }

  /** Waits for the first prompt of a terminal. */
  async ready(tty = this.tty) {
    this.tty = tty;
    await this.until(PROMPT, { tty });
  }

  /** Types a line on the keyboard, waits for the next prompt (or what `until` says), returns what came between. */
  async run(line, { until = PROMPT, timeout = 60_000 } = {}) {
    const from = (await this.output()).length;
    await this.page.keyboard.type(line);
    await this.until(new RegExp(escape(line.slice(-1))), { from });
    const typed = (await this.output()).length;
    await this.page.keyboard.press("Enter");
    return (await this.until(until, { from: typed, timeout })).replace(/^\n/, "");
  }

  /** Opens another terminal and goes on there. */
  async newTerminal() {
    await this.page.click(".add-tab");
    const name = await this.page.getAttribute("[role=tab][aria-selected=true]", "id");
    await this.ready(name.slice("tab-".length));
    return this.tty;
  }

  /** Goes to a terminal that is open. */
  async terminal(tty) {
    await this.page.click(`#tab-${tty}`);
    this.tty = tty;
  }

  /** Waits until a row of the terminal in front begins with a text: it draws with the browser's frames, which may lag. */
  shows(text) {
    return this.page.waitForFunction((text) => {
      const rows = document.querySelector(".screen[data-active=true] .xterm-rows");
      return rows.innerText.replaceAll("\u00a0", " ").includes(`\n${text}`);
    }, text);
  }

  /** Writes a file with the editor. */
  async write(path, text) {
    const { page } = this;
    await page.click(".files-bar .tool");
    await page.fill(".new-file input", path);
    await page.keyboard.press("Enter");
    await page.waitForFunction((path) => document.querySelector(".editor-path")?.textContent === path, path);
    await page.waitForSelector(`.cm-content[aria-label*="${path}"]`);
    await page.click(".cm-content");
    await page.keyboard.insertText(text);
    await page.keyboard.press("Control+s");
    await page.waitForSelector('.editor-bar .primary:disabled');
    await page.click(".screen[data-active=true] .xterm-host");
  }

  /** The session's link: its fragment. */
  async link() {
    await this.page.click(".share");
    const address = await this.page.inputValue(".share-link");
    await this.page.keyboard.press("Escape");
    return { address, hash: new URL(address).hash };
  }

  close() {
    return this.context.close();
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
