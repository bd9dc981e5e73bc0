// A client of the engine's wasm module: words in, JavaScript values out, as a client over TCP has it. It writes requests
// into the module's memory and reads replies there.

const CR = 13
const LF = 10

/** Texts up to this length are cheaper to make of bytes one by one than by a call of the platform's. */
const SHORT = 12

/** How many bytes a request with these words takes at most. */
function most(name, args) {
  let size = 32 + 3 * name.length
  for (let n = 0; n < args.length; n += 1) size += 16 + 3 * args[n].length
  return size
}

/** Writes a line of one kind with a number; where it ends. */
function header(bytes, from, kind, number) {
  let at = from
  bytes[at++] = kind
  if (number < 10) bytes[at++] = 48 + number
  else if (number < 100) {
    bytes[at++] = 48 + ((number / 10) | 0)
    bytes[at++] = 48 + (number % 10)
  } else {
    for (const digit of String(number)) bytes[at++] = digit.charCodeAt(0)
  }
  bytes[at++] = CR
  bytes[at++] = LF
  return at
}

/** Writes a bulk string; where it ends. */
function bulk(bytes, from, word) {
  const { length } = word
  const start = header(bytes, from, 36, length)
  let at = start
  for (let n = 0; n < length; n += 1) {
    const code = word.charCodeAt(n)
    if (code > 127) return encoded(bytes, from, word)
    bytes[at++] = code
  }
  bytes[at++] = CR
  bytes[at++] = LF
  return at
}

/** The same for a text that is not ASCII. */
function encoded(bytes, from, word) {
  const text = Buffer.from(word)
  const at = header(bytes, from, 36, text.length)
  bytes.set(text, at)
  bytes[at + text.length] = CR
  bytes[at + text.length + 1] = LF
  return at + text.length + 2
}

function request(bytes, from, name, args) {
  let at = bulk(bytes, header(bytes, from, 42, args.length + 1), name)
  for (let n = 0; n < args.length; n += 1) at = bulk(bytes, at, args[n])
  return at
}

/** Reads replies, one behind the other. */
class Replies {
  bytes = Buffer.alloc(0)
  at = 0

  next() {
    const { bytes } = this
    const kind = bytes[this.at]
    if (kind === 43) return this.#simple()
    if (kind === 45) return new Error(this.#line())
    const count = this.#number()
    if (kind === 58) return count
    if (count < 0) return null
    return kind === 36 ? this.#bulk(count) : this.#array(count)
  }

  #simple() {
    const { bytes, at } = this
    if (bytes[at + 1] !== 79 || bytes[at + 2] !== 75 || bytes[at + 3] !== CR) return this.#line()
    this.at = at + 5
    return 'OK'
  }

  #line() {
    const end = this.bytes.indexOf(CR, this.at)
    const text = this.bytes.utf8Slice(this.at + 1, end)
    this.at = end + 2
    return text
  }

  #number() {
    const { bytes } = this
    let at = this.at + 1
    const negative = bytes[at] === 45
    if (negative) at += 1
    let number = 0
    for (let digit = bytes[at]; digit !== CR; digit = bytes[(at += 1)]) number = number * 10 + digit - 48
    this.at = at + 2
    return negative ? -number : number
  }

  #bulk(size) {
    const { bytes, at } = this
    this.at = at + size + 2
    if (size > SHORT) return bytes.utf8Slice(at, at + size)
    let text = ''
    for (let n = at; n < at + size; n += 1) {
      const code = bytes[n]
      if (code > 127) return bytes.utf8Slice(at, at + size)
      text += String.fromCharCode(code)
    }
    return text
  }

  /** Bulk strings are cut out of one text: a call of the platform's for each would cost more. */
  #array(count) {
    const items = new Array(count)
    const { bytes, at: from } = this
    const places = []
    let n = 0
    for (; n < count && bytes[this.at] === 36 && bytes[this.at + 1] !== 45; n += 1) {
      const size = this.#number()
      places.push(this.at - from, size)
      this.at += size + 2
    }
    const text = bytes.utf8Slice(from, this.at)
    const ascii = text.length === this.at - from
    for (let at = 0; at < n; at += 1) {
      const [start, size] = [places[2 * at], places[2 * at + 1]]
      items[at] = ascii ? text.substr(start, size) : bytes.utf8Slice(from + start, from + start + size)
    }
    for (; n < count; n += 1) items[n] = this.next()
    return items
  }
}

/** A server of its own, and its only client. */
export class Client {
  #redis
  #memory
  #replies = new Replies()
  /** Where requests are written, and how much room is there. */
  #input = 0
  #room = 0
  /** What was asked for in this turn and is not sent yet: up to where it is written, and who waits. */
  #end = 0
  #waiting = []

  constructor({ Redis, memory }) {
    this.#redis = new Redis(Date.now())
    this.#memory = memory
  }

  /** Room for so many bytes more than are written; the memory. */
  #reserve(size) {
    if (this.#end + size > this.#room) {
      this.#room = 2 * (this.#end + size)
      // What was written already is kept.
      this.#input = this.#redis.input(this.#room)
    }
    const { bytes } = this.#replies
    // Memory that grew is another buffer, and the old one is empty.
    return bytes.length > 0 ? bytes : (this.#replies.bytes = Buffer.from(this.#memory.buffer))
  }

  #serve(size) {
    const replies = this.#replies
    replies.at = this.#redis.serve(Date.now(), size)
    if (replies.bytes.length === 0) replies.bytes = Buffer.from(this.#memory.buffer)
  }

  /** Sends requests in RESP, as bytes, and looks at the first reply alone. */
  send(requests) {
    this.#reserve(requests.length).set(requests, this.#input)
    this.#serve(requests.length)
    if (this.#replies.bytes[this.#replies.at] === 45) throw this.#replies.next()
  }

  /** One command at once. */
  async call(name, args) {
    if (this.#end > 0) return this.gather(name, args)
    const bytes = this.#reserve(most(name, args))
    this.#serve(request(bytes, this.#input, name, args) - this.#input)
    const reply = this.#replies.next()
    if (reply instanceof Error) throw reply
    return reply
  }

  /** One command together with all others of this turn, as ioredis does with `enableAutoPipelining`. */
  gather(name, args) {
    const bytes = this.#reserve(most(name, args))
    this.#end = request(bytes, this.#input + this.#end, name, args) - this.#input
    if (this.#waiting.length === 0) queueMicrotask(() => this.#flush())
    return new Promise((resolve, reject) => this.#waiting.push(resolve, reject))
  }

  #flush() {
    const waiting = this.#waiting
    this.#waiting = []
    this.#serve(this.#end)
    this.#end = 0
    for (let n = 0; n < waiting.length; n += 2) {
      const reply = this.#replies.next()
      waiting[reply instanceof Error ? n + 1 : n](reply)
    }
  }

  free() {
    this.#redis.free()
  }
}
