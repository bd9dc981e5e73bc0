// A cursor that blinks by a timer, and rests when nothing has happened for a while. xterm's own blinks by a CSS
// animation, for which the browser draws frame after frame (8 % of a core on an idle page), and as long as a frame is
// due, Chromium holds back after a key what the worker has answered: an echo would wait for the next frame.
const HALF_MS = 600;
const BLINKS = 10;

/** Blinks the cursor of `terminal`, which is open in `host`; returns how to stop that. */
export function blink(terminal, host) {
  let timer = 0;
  const rest = () => {
    clearInterval(timer);
    host.classList.remove("cursor-off");
  };
  const restart = () => {
    rest();
    if (document.activeElement !== terminal.textarea) return;
    let halves = 2 * BLINKS;
    timer = setInterval(() => {
      halves -= 1;
      host.classList.toggle("cursor-off", halves % 2 === 1);
      if (!halves) clearInterval(timer);
    }, HALF_MS);
  };
  terminal.textarea.addEventListener("focus", restart);
  terminal.textarea.addEventListener("blur", rest);
  terminal.onData(restart);
  terminal.onCursorMove(restart);
  return rest;
}
