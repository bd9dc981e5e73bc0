// The same work for the engine's wasm module and for ioredis-mock, both called in this process.

import { readFileSync } from 'node:fs'
import RedisMock from 'ioredis-mock'

const KEYSPACE = 100_000

/** A repeatable generator of keys. */
function numbers() {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state % KEYSPACE
  }
}

const key = (n) => `key:${String(n).padStart(12, '0')}`

/** The commands that redis-benchmark sends. */
const COMMANDS = {
  set: (n) => ['SET', key(n), 'xxx'],
  get: (n) => ['GET', key(n)],
  incr: (n) => ['INCR', `counter:${n}`],
  lpush: () => ['LPUSH', 'mylist', 'xxx'],
  zadd: (n) => ['ZADD', 'myzset', String(n), `element:${n}`],
  hset: (n) => ['HSET', 'myhash', `element:${n}`, 'xxx'],
  lrange_100: () => ['LRANGE', 'shortlist', '0', '99'],
  mset: (n) => ['MSET', ...Array.from({ length: 10 }, (_, at) => [key(n + at), 'xxx']).flat()],
}

const SHORT_LIST = ['RPUSH', 'shortlist', ...Array.from({ length: 500 }, (_, n) => `element:${n}`)]

function encode(words) {
  let text = `*${words.length}\r\n`
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`
  return Buffer.from(text, 'latin1')
}

/**
 * Nanoseconds of processor time that this thread has taken, where the system says so: what else the computer does
 * takes none of it. Nanoseconds on the clock elsewhere.
 */
function spent() {
  if (process.platform !== 'linux') return Number(process.hrtime.bigint())
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0])
}

const perSecond = (count, begun) => (count * 1e9) / (spent() - begun)

/** Texts up to this length are cheaper to copy byte by byte than by a call of the platform's. */
const SHORT = 32

/** A client of the wasm module: it writes requests into the module's memory and reads replies there. */
class Engine {
  #redis
  #memory
  #bytes = Buffer.alloc(0)
  /** Where requests are written, and how much room is there. */
  #input = 0
  #room = 0
  /** Where the reply is read. */
  #at = 0

  constructor({ Redis, memory }) {
    this.#redis = new Redis(Date.now())
    this.#memory = memory
  }

  /** Memory that grew is another buffer. */
  #view() {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = Buffer.from(this.#memory.buffer)
    return this.#bytes
  }

  #reserve(size) {
    if (size > this.#room) {
      this.#room = 2 * size
      this.#input = this.#redis.input(this.#room)
    }
    return this.#view()
  }

  #serve(size) {
    this.#redis.serve(Date.now(), size)
    this.#at = this.#redis.output()
    if (this.#view()[this.#at] === 45) throw new Error(this.#line())
  }

  /** Sends requests in RESP, as bytes. */
  send(requests) {
    this.#reserve(requests.length).set(requests, this.#input)
    this.#serve(requests.length)
  }

  async call(words) {
    let size = 16
    for (const word of words) size += word.length + 16
    const bytes = this.#reserve(size)
    let at = this.#header(bytes, this.#input, 42, words.length)
    for (const word of words) {
      const { length } = word
      at = this.#header(bytes, at, 36, length)
      if (length > SHORT) bytes.latin1Write(word, at)
      else for (let n = 0; n < length; n += 1) bytes[at + n] = word.charCodeAt(n)
      at += length
      bytes[at] = 13
      bytes[at + 1] = 10
      at += 2
    }
    this.#serve(at - this.#input)
    return this.#reply()
  }

  /** Writes a line of one kind with a number; where it ends. */
  #header(bytes, from, kind, number) {
    let at = from
    bytes[at] = kind
    at += 1
    if (number > 9) {
      const digits = String(number)
      for (let n = 0; n < digits.length; n += 1) bytes[at + n] = digits.charCodeAt(n)
      at += digits.length
    } else {
      bytes[at] = 48 + number
      at += 1
    }
    bytes[at] = 13
    bytes[at + 1] = 10
    return at + 2
  }

  #line() {
    const end = this.#bytes.indexOf(13, this.#at)
    const text = this.#bytes.latin1Slice(this.#at + 1, end)
    this.#at = end + 2
    return text
  }

  #number() {
    const bytes = this.#bytes
    const negative = bytes[this.#at + 1] === 45
    let at = this.#at + (negative ? 2 : 1)
    let number = 0
    for (; bytes[at] !== 13; at += 1) number = number * 10 + bytes[at] - 48
    this.#at = at + 2
    return negative ? -number : number
  }

  #reply() {
    const kind = this.#bytes[this.#at]
    if (kind === 43) return this.#bytes[this.#at + 1] === 79 && this.#bytes[this.#at + 3] === 13 ? 'OK' : this.#line()
    const count = this.#number()
    if (kind === 58) return count
    if (kind === 36) return count < 0 ? null : this.#bulk(count)
    return count < 0 ? null : this.#array(count)
  }

  #bulk(size) {
    const text = this.#bytes.latin1Slice(this.#at, this.#at + size)
    this.#at += size + 2
    return text
  }

  /** Bulk strings are cut out of one text: a call of the platform's for each would cost more. */
  #array(count) {
    const items = new Array(count)
    const from = this.#at
    let n = 0
    const bytes = this.#bytes
    const places = []
    for (; n < count && bytes[this.#at] === 36 && bytes[this.#at + 1] !== 45; n += 1) {
      const size = this.#number()
      places.push(this.#at - from, size)
      this.#at += size + 2
    }
    const text = bytes.latin1Slice(from, this.#at)
    for (let at = 0; at < n; at += 1) items[at] = text.substr(places[2 * at], places[2 * at + 1])
    for (; n < count; n += 1) items[n] = this.#reply()
    return items
  }

  free() {
    this.#redis.free()
  }
}

function engine(module, test) {
  const redis = new Engine(module)
  redis.send(encode(SHORT_LIST))
  // Keys are there before they are asked for, as in the second run of redis-benchmark.
  if (test === 'get') for (let n = 0; n < KEYSPACE; n += 1) redis.send(encode(COMMANDS.set(n)))
  return redis
}

/** How many commands a second the wasm module answers where many come in one call. */
export function measurePipeline(module, test, pipeline, count) {
  const redis = engine(module, test)
  const next = numbers()
  const calls = Math.max(1, Math.round(count / pipeline / (test === 'lrange_100' || test === 'mset' ? 10 : 1)))
  // Made before the clock runs, as redis-benchmark makes its requests once.
  const batches = Array.from({ length: calls }, () =>
    Buffer.concat(Array.from({ length: pipeline }, () => encode(COMMANDS[test](next())))))
  const begun = spent()
  for (const batch of batches) redis.send(batch)
  const rate = perSecond(calls * pipeline, begun)
  redis.free()
  return rate
}

/** How many commands a second the wasm module answers, one after the other. */
export async function measureSingle(module, test, count) {
  const redis = engine(module, test)
  const next = numbers()
  const begun = spent()
  for (let n = 0; n < count; n += 1) await redis.call(COMMANDS[test](next()))
  const rate = perSecond(count, begun)
  redis.free()
  return rate
}

/** How many commands a second ioredis-mock answers, one after the other. */
export async function measureMock(test, count) {
  const redis = new RedisMock()
  await redis.flushall()
  const next = numbers()
  const call = (words) => redis[words[0].toLowerCase()](...words.slice(1))
  await call(SHORT_LIST)
  if (test === 'get') for (let n = 0; n < KEYSPACE; n += 1) await call(COMMANDS.set(n))
  // Some tests get slower with every element: two seconds are enough.
  const until = process.hrtime.bigint() + 2_000_000_000n
  const begun = spent()
  let done = 0
  while (done < count && process.hrtime.bigint() < until) {
    await call(COMMANDS[test](next()))
    done += 1
  }
  const rate = perSecond(done, begun)
  redis.disconnect()
  return rate
}
