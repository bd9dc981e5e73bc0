// Colours for the terminal come from the style sheet, so that a theme is written in one place.
const ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** xterm's theme from the `--term-*` properties in force. */
export function terminalTheme() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(`--term-${name}`).trim();
  const theme = {
    background: value("background"),
    foreground: value("foreground"),
    cursor: value("cursor"),
    cursorAccent: value("background"),
    selectionBackground: value("selection"),
    selectionInactiveBackground: value("selection"),
    scrollbarSliderBackground: value("scrollbar"),
    scrollbarSliderHoverBackground: value("scrollbar-hover"),
    scrollbarSliderActiveBackground: value("scrollbar-hover"),
  };
  for (const name of ANSI) {
    theme[name] = value(name);
    theme[`bright${name[0].toUpperCase()}${name.slice(1)}`] = value(`bright-${name}`);
  }
  return theme;
}
