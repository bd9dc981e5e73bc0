// The page itself: typing, pasting, composing, tabs, files, themes, languages, narrow windows, accessibility.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, open, plain } from "./page.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** A test with a page of its own; an error on the console fails it. */
function onPage(name, options, body) {
  test(name, { timeout: 120_000 }, async () => {
    const drydock = await open(browser, options);
    try {
      if (options.ready !== false) await drydock.ready();
      await body(drydock, drydock.page);
      assert.deepEqual(drydock.errors, []);
    } finally {
      await drydock.close();
    }
  });
}

onPage("keys typed reach the shell and its answer the screen", {}, async (drydock) => {
  assert.match(await drydock.run("echo one two"), /^one two$/m);
  await drydock.shows("one two");
});

onPage("a terminal's size is the window's", {}, async (drydock, page) => {
  const size = async () => (await drydock.run("echo $LINES $COLUMNS")).match(/^(\d+) (\d+)$/m).slice(1).map(Number);
  const [rows, columns] = await size();
  await page.setViewportSize({ width: 900, height: 600 });
  await page.waitForTimeout(200);
  const [fewerRows, fewerColumns] = await size();
  assert.ok(fewerRows < rows && fewerColumns < columns, `${rows}x${columns} to ${fewerRows}x${fewerColumns}`);
});

onPage("Hangul is composed, echoed and takes two cells", { locale: "ko-KR" }, async (drydock, page) => {
  const cdp = await page.context().newCDPSession(page);
  await page.keyboard.type("echo ");
  for (const [syllables, done] of [[["ㅎ", "하", "한"], "한"], [["ㄱ", "그", "글"], "글"]]) {
    for (const text of syllables) await cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    await cdp.send("Input.insertText", { text: done });
  }
  await drydock.until(/한글/);
  assert.match(await drydock.run("!"), /^한글!$/m);
  const cells = await page.evaluate(() => {
    const span = [...document.querySelectorAll(".xterm-rows span")].find((span) => /한/.test(span.textContent));
    const width = document.querySelector(".xterm-rows > div").getBoundingClientRect().width;
    return { wide: span.getBoundingClientRect().width / [...span.textContent].length, width };
  });
  assert.ok(cells.wide > 14, `a syllable is ${cells.wide} pixels wide`);
});

/** Pastes as the browser does: an event with data. */
function paste(page, text) {
  return page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

onPage("a paste is typed", {}, async (drydock, page) => {
  await paste(page, "echo pasted 'two words'");
  await drydock.until(/pasted 'two words'/);
  await page.keyboard.press("Enter");
  await drydock.until(/\npasted two words\n/);
});

onPage("a paste that is too large is refused in words, and the session goes on", {}, async (drydock, page) => {
  await paste(page, "x".repeat(70_000));
  await page.waitForSelector(".toast[data-error=true]");
  assert.match(await page.textContent(".toast p"), /69 KB/);
  assert.match(await drydock.run("echo still here"), /^still here$/m);
});

onPage("the selection is copied with Ctrl Shift C", { permissions: ["clipboard-read", "clipboard-write"] }, async (drydock, page) => {
  await drydock.run("echo treasure");
  const row = page.locator(".xterm-rows > div", { hasText: /^treasure/ });
  const box = await row.boundingBox();
  await page.mouse.dblclick(box.x + 20, box.y + box.height / 2);
  await page.keyboard.press("Control+Shift+C");
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "treasure");
});

onPage("Ctrl C copies while something is selected, else it interrupts; Ctrl V pastes", { permissions: ["clipboard-read", "clipboard-write"] }, async (drydock, page) => {
  await drydock.run("echo treasure");
  const box = await page.locator(".xterm-rows > div", { hasText: /^treasure/ }).boundingBox();
  await page.mouse.dblclick(box.x + 20, box.y + box.height / 2);
  await page.keyboard.press("Control+C");
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "treasure");
  await page.keyboard.type("echo dug ");
  await page.keyboard.press("Control+V");
  await drydock.until(/echo dug treasure/);
  await page.keyboard.press("Control+C");
  await drydock.until(/echo dug treasure\^C/);
});

onPage("text in reverse video has the background's colour", { colorScheme: "light" }, async (drydock, page) => {
  await drydock.run("printf '\\e[7mreversed\\e[0m\\n'");
  await drydock.shows("reversed");
  const [text, paper] = await page.evaluate(() => {
    const span = [...document.querySelectorAll(".xterm-rows span")].find(({ textContent }) => textContent === "reversed");
    return [getComputedStyle(span).color, getComputedStyle(document.querySelector(".screens")).backgroundColor];
  });
  assert.equal(text, paper);
});

onPage("the tab in front is in sight, however many there are", { viewport: { width: 800, height: 600 } }, async (drydock, page) => {
  for (let more = 0; more < 7; more += 1) await drydock.newTerminal();
  const [tab, bar] = await Promise.all([".tab[data-active=true]", ".tabs"].map((selector) => page.locator(selector).boundingBox()));
  assert.ok(tab.x >= bar.x - 1 && tab.x + tab.width <= bar.x + bar.width + 1, JSON.stringify([tab, bar]));
});

onPage("a screen reader is given the terminal's text, where that is wanted", {}, async (drydock, page) => {
  await page.click(".header-tools .tool:nth-last-child(2)");
  await page.click(".choice input");
  await page.keyboard.press("Escape");
  await page.click(".screen[data-active=true] .xterm-host");
  await drydock.run("echo spoken");
  await page.waitForFunction(() => document.querySelector(".xterm-accessibility")?.textContent.includes("spoken"));
});

onPage("terminals are tabs, each with a shell of its own", {}, async (drydock, page) => {
  await drydock.run("here=first");
  assert.equal(await drydock.newTerminal(), "2");
  assert.match(await drydock.run("echo [$here]"), /^\[\]$/m);
  await drydock.terminal("1");
  assert.match(await drydock.run("echo [$here]"), /^\[first\]$/m);
  await page.focus("#tab-1");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-2");
  await page.keyboard.press("Delete");
  assert.equal(await page.locator("[role=tab]").count(), 1);
  // The last one that ends makes room for a new one.
  await drydock.terminal("1");
  await page.keyboard.type("exit\r");
  await page.waitForSelector("#tab-3");
  await drydock.ready("3");
});

onPage("what there is to begin with is typed by a click, and gone then", {}, async (drydock, page) => {
  await page.click(".input-line .suggestions button");
  await drydock.until(/Hello from Docker!/);
  assert.equal(await page.locator(".input-line .suggestions").count(), 0);
  assert.match(await drydock.run("echo typed on"), /^typed on$/m);
});

test("the rest of the engine comes at once where a command needs it before it has come by itself", { timeout: 120_000 }, async () => {
  const drydock = await open(browser, {});
  let refused = 0;
  await drydock.page.route("**/worker_rest-*", (route) => (route.request().resourceType() === "fetch" ? (refused += 1, route.abort()) : route.continue()));
  await drydock.ready();
  assert.match(await drydock.run("docker ps"), /^CONTAINER ID +IMAGE/m);
  const [worker] = drydock.page.workers();
  const ways = await worker.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("worker_rest")).map(({ initiatorType }) => initiatorType));
  assert.ok(ways.includes("xmlhttprequest"), `${ways} after ${refused} refused`);
  await drydock.close();
});

/** Answers requests for the rest of the engine in another way, before a page asks for it. */
async function withoutRest(answer, body) {
  const drydock = await open(browser, { before: (context) => context.route("**/worker_rest-*", answer) });
  try {
    await drydock.ready();
    await body(drydock, drydock.page);
  } finally {
    await drydock.close();
  }
}

test("a command that needs the rest waits for the network, and goes on when it is back", { timeout: 120_000 }, () =>
  withoutRest((route) => route.abort(), async (drydock, page) => {
    await page.keyboard.type("docker ps\r");
    await page.waitForSelector(".veil h2:text('Waiting for the network')");
    await drydock.context.unroute("**/worker_rest-*");
    await drydock.until(/CONTAINER ID/);
    assert.equal(await page.locator(".veil").count(), 0);
    assert.match(await drydock.run("echo alive"), /^alive$/m);
  }));

test("a file that the server does not have is no fault of the machine's, and the card says so", { timeout: 120_000 }, () =>
  withoutRest((route) => route.fulfill({ status: 404 }), async (_, page) => {
    await page.keyboard.type("docker ps\r");
    await page.waitForSelector(".veil pre");
    assert.match(await page.textContent(".veil h2"), /missing/);
    assert.match(await page.textContent(".veil pre"), /worker_rest-.*404/);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Reload");
  }));

onPage("once loaded, the page starts and works without a network", {}, async (drydock, page) => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await drydock.context.setOffline(true);
  await page.reload();
  await drydock.ready();
  assert.match(await drydock.run("docker ps"), /CONTAINER ID/);
  await page.click(".tree .node:has-text('.bashrc')");
  await page.waitForSelector(".cm-content");
});

onPage("leaving the page is asked for, and the session goes on after a reload", {}, async (drydock, page) => {
  const id = await drydock.run("docker run -d --name kept redis", { timeout: 120_000 });
  await page.waitForFunction(() => sessionStorage.getItem("drydock.session") !== null);
  await drydock.run("mkdir later; ls");
  const saved = await page.evaluate(() => sessionStorage.getItem("drydock.session"));
  await page.waitForFunction((saved) => sessionStorage.getItem("drydock.session") !== saved, saved);
  let asked = 0;
  page.on("dialog", (dialog) => { asked += 1; dialog.accept(); });
  await page.reload();
  assert.equal(asked, 1);
  await drydock.ready();
  await page.click(".suggestions .restore");
  await page.waitForFunction(() => globalThis.reports?.includes("replayed"));
  await page.waitForFunction(() => document.activeElement.closest(".xterm-host"));
  const last = (text) => text.match(/^[0-9a-f]{64}$/m)[0];
  assert.equal(last(await drydock.run("docker ps -q --no-trunc")), last(id));
});

onPage("the input line types whole lines, and keys that touch lacks", {}, async (drydock, page) => {
  await page.click(".input-line-toggle");
  await page.fill(".line input", "echo 바다와 배");
  await page.keyboard.press("Enter");
  await drydock.until(/\n바다와 배\n/);
  await page.fill(".line input", "sleep 100");
  await page.keyboard.press("Enter");
  await drydock.until(/sleep 100\n/);
  const from = (await drydock.output()).length;
  await page.click(".key:last-child");
  await drydock.until(/\^C/, { from });
});

onPage("the keyboard gets out of the terminal and back", {}, async (drydock, page) => {
  await page.keyboard.press("F6");
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains("input-line-toggle")));
  await page.click(".screen[data-active=true] .xterm-host");
  await page.keyboard.press("Shift+F6");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-1");
});

onPage("text is found in the terminal", {}, async (drydock, page) => {
  await drydock.run("echo needle in the hay");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("needle");
  await page.keyboard.press("Enter");
  assert.equal(await page.textContent(".search-state"), "");
  await page.fill(".search input", "no such thing");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".search-state").textContent !== "");
  await page.keyboard.press("Escape");
  assert.match(await drydock.run("echo back"), /^back$/m);
});

onPage("files written in the page are the host's, and the host's are shown", {}, async (drydock, page) => {
  await drydock.write("/root/ship/redis.conf", "port 7000\n# 주석\ncluster-enabled yes\n");
  assert.match(await drydock.run("cat ship/redis.conf"), /^port 7000\n# 주석\ncluster-enabled yes$/m);
  await drydock.run("echo from the shell > note.txt");
  await page.click(".tree .node:has-text('note.txt')");
  await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("from the shell"));
  // What is not saved survives looking at another file.
  await page.click(".cm-content");
  await page.keyboard.insertText("draft ");
  await page.click(".tree .node:has-text('ship')");
  await page.click(".tree .node:has-text('redis.conf')");
  await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("port 7000"));
  await page.click(".tree .node:has-text('note.txt')");
  await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("draft "));
});

onPage("the appearance goes round and is remembered", { colorScheme: "light" }, async (drydock, page) => {
  const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]);
  const [auto, paper] = await theme();
  assert.equal(auto, "light");
  await page.click(".theme");
  await page.click(".theme");
  const [dark, night] = await theme();
  assert.equal(dark, "dark");
  assert.notEqual(night, paper);
  await page.reload();
  await page.waitForSelector(".brand");
  assert.equal((await theme())[0], "dark");
});

onPage("the language is the browser's, and can be changed", { locale: "ko-KR" }, async (_, page) => {
  assert.equal(await page.getAttribute("html", "lang"), "ko");
  assert.match(await page.textContent(".share"), /공유/);
  await page.click(".language");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.match(await page.textContent(".share"), /Share/);
});

onPage("a narrow window shows one pane at a time", { viewport: { width: 390, height: 844 } }, async (drydock, page) => {
  assert.ok(await page.isVisible(".terminals") && !(await page.isVisible(".files")));
  await page.click(".pane-switch button:last-child");
  assert.ok(await page.isVisible(".files") && !(await page.isVisible(".terminals")));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} pixels too wide`);
  await page.click(".pane-switch button:first-child");
  await page.click(".xterm-host");
  assert.match(await drydock.run("echo narrow"), /^narrow$/m);
});

onPage("a loop leaves the page its frames, and Ctrl C ends it", {}, async (drydock, page) => {
  await page.keyboard.type("while true; do :; done\r");
  await page.waitForTimeout(300);
  const frames = await page.evaluate(() => new Promise((resolve) => {
    let count = 0;
    const begun = performance.now();
    const step = () => { count += 1; performance.now() - begun < 1000 ? requestAnimationFrame(step) : resolve(count); };
    requestAnimationFrame(step);
  }));
  assert.ok(frames >= 50, `${frames} frames a second`);
  const from = (await drydock.output()).length;
  await page.keyboard.press("Control+C");
  await drydock.until(/\^C\n.*# $/s, { from, timeout: 5000 });
  assert.match(await drydock.run("echo alive"), /^alive$/m);
});

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** axe's complaints about the page as it stands. xterm.js and CodeMirror bring their own inner parts. */
async function complaints(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ exclude: [[".xterm-host"]] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  // axe is put into the page as a script's text, which the page's own policy rightly forbids.
  onPage(`axe finds nothing, ${colorScheme}`, { colorScheme, bypassCSP: true }, async (drydock, page) => {
    await drydock.newTerminal();
    await page.click(".input-line-toggle");
    assert.deepEqual(await complaints(page), []);
    await drydock.write("/root/Dockerfile", "FROM alpine\n# comment\nCMD [\"ls\"]\n");
    await page.keyboard.press("Control+Shift+F");
    assert.deepEqual(await complaints(page), []);
    await page.click(".share");
    await page.waitForSelector(".share-link");
    assert.deepEqual(await complaints(page), []);
    await page.keyboard.press("Escape");
    await page.click(".header-tools .tool:nth-last-child(2)");
    assert.deepEqual(await complaints(page), []);
  });
}

test("what moves the cursor is no text", () => {
  assert.equal(plain("\x1b[1;32ma\x1b[0m\x1b]0;title\x07b\r\n\x1b[?2004h"), "ab\n");
});
