// Light or dark: the reader's choice, or the system's. Runs before anything is drawn, and tells who asked of changes.
const KEY = "drydock.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();
let choice = stored();

function stored() {
  try {
    return localStorage.getItem(KEY) ?? "auto";
  } catch {
    return "auto";
  }
}

function apply() {
  const dark = choice === "dark" || (choice !== "light" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const listener of listeners) listener();
}

export function setTheme(name) {
  choice = name;
  apply();
}

/** Calls `listener` after each change; returns how to stop that. */
export function onThemeChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

system.addEventListener("change", apply);
apply();
