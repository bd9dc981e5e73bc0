// What the machine wrote, on its way to the page: at once while it is little, a frame's worth at a time while it is much.
const FRAME_MS = 16;
/** Sent but not yet shown: beyond this the machine waits. 1.2 MB at once would block the page for 200 ms. */
const MAX_UNSHOWN = 192 * 1024;
const OUTPUT = 0;
const KINDS = ["output", "opened", "resized", "closed"];
const text = new TextDecoder();

export class Outbox {
  #pending = [];
  #size = 0;
  #unshown = 0;
  #sent = -Infinity;
  #timer = 0;
  #drained;

  /** `drained` is called when the page has caught up. */
  constructor(drained) {
    this.#drained = drained;
  }

  full() {
    return this.#unshown + this.#size > MAX_UNSHOWN;
  }

  /** True where the page shows all that there is. */
  allShown() {
    return this.#unshown + this.#size === 0;
  }

  /** Reads the module's records: kind u8, tty length u8, tty, then for output length u32 and bytes, else cols u16, rows u16. */
  collect(records) {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    for (let at = 0; at < records.length; ) {
      const kind = view.getUint8(at);
      const ttyEnd = at + 2 + view.getUint8(at + 1);
      const tty = text.decode(records.subarray(at + 2, ttyEnd));
      if (kind !== OUTPUT) {
        this.#pending.push([KINDS[kind], tty, view.getUint16(ttyEnd, true), view.getUint16(ttyEnd + 2, true)]);
        at = ttyEnd + 4;
        continue;
      }
      const start = ttyEnd + 4;
      at = start + view.getUint32(ttyEnd, true);
      this.#add(tty, records.subarray(start, at));
    }
  }

  #add(tty, bytes) {
    this.#size += bytes.length;
    this.#pending.push([KINDS[OUTPUT], tty, bytes]);
  }

  flush() {
    if (!this.#pending.length || this.#timer) return;
    const wait = this.#sent + FRAME_MS - performance.now();
    // An echo goes out at once; only a stream is held to the frame.
    if (wait > 0 && this.#size > 1024) {
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        this.#send();
      }, wait);
      return;
    }
    this.#send();
  }

  #send() {
    for (const message of merged(this.#pending)) postMessage(message);
    this.#unshown += this.#size;
    this.#pending = [];
    this.#size = 0;
    this.#sent = performance.now();
  }

  /** The page has shown so many bytes. */
  shown(bytes) {
    const was = this.full();
    this.#unshown = Math.max(0, this.#unshown - bytes);
    if (was && !this.full()) this.#drained();
  }
}

/** Joins neighbouring outputs of one terminal. */
function merged(messages) {
  const result = [];
  let parts = [];
  const close = () => {
    if (!parts.length) return;
    const bytes = new Uint8Array(parts.reduce((size, part) => size + part[2].length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part[2], at);
      at += part[2].length;
    }
    result.push([KINDS[OUTPUT], parts[0][1], bytes]);
    parts = [];
  };
  for (const message of messages) {
    const joins = message[0] === KINDS[OUTPUT];
    if (!joins || (parts.length && parts[0][1] !== message[1])) close();
    if (joins) parts.push(message);
    else result.push(message);
  }
  close();
  return result;
}
