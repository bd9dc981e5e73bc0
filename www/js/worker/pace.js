// How virtual time follows real time.
const MS = 1e6;
/** Virtual time may fall this far behind (a tab in the background is woken once a second) before it lets go. */
const MAX_LAG_MS = 2000;
/** Timers nearer than this are taken together: a cluster's many small timers should not wake the worker one by one. */
const MIN_SLEEP_MS = 8;

export class Pace {
  /** Virtual `now` (ns) corresponds to `real` (ms). */
  constructor(now, real) {
    this.offset = now - real * MS;
  }

  /** Where virtual time should be at `real`. */
  target(real) {
    return Math.floor(this.offset + real * MS);
  }

  /** Takes over where the machine really is: ahead after an input's stamp was rounded up, behind when it is busy. */
  settle(now, real) {
    const ahead = now - this.target(real);
    if (ahead > 0) this.offset += ahead;
    else if (-ahead > MAX_LAG_MS * MS) this.offset += ahead + MAX_LAG_MS * MS;
  }

  /** Milliseconds until there is something to do: 0 when late, Infinity when only an input can bring work. */
  delay(now, next, real) {
    if (next < 0) return Infinity;
    const due = (Math.max(next, now) - this.target(real)) / MS;
    return due <= 0 ? 0 : Math.max(due, MIN_SLEEP_MS);
  }
}
