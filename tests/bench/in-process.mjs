// The same work for the engine's wasm module and for ioredis-mock, both called in this process.

import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import RedisMock from 'ioredis-mock'
import { Client } from './client.mjs'

const KEYSPACE = 100_000

/** How many connections redis-benchmark has: so many requests are under way at a time. */
export const CONNECTIONS = 50

/** A repeatable generator of keys. */
function numbers() {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state % KEYSPACE
  }
}

const key = (n) => `key:${String(n).padStart(12, '0')}`

/** The commands that redis-benchmark sends: name and arguments. */
const COMMANDS = {
  set: (n) => [key(n), 'xxx'],
  get: (n) => [key(n)],
  incr: (n) => [`counter:${n}`],
  lpush: () => ['mylist', 'xxx'],
  zadd: (n) => ['myzset', String(n), `element:${n}`],
  hset: (n) => ['myhash', `element:${n}`, 'xxx'],
  lrange_100: () => ['mylist', '0', '99'],
  mset: (n) => Array.from({ length: 10 }, (_, at) => [key(n + at), 'xxx']).flat(),
}

const NAMES = { lrange_100: 'lrange' }

/** How many elements redis-benchmark pushes before it asks for the first of them, and how many we push in one command. */
const LIST = 100_000
const PUSHED = 500

function encode(name, args) {
  let text = `*${args.length + 1}\r\n`
  for (const word of [name, ...args]) text += `$${word.length}\r\n${word}\r\n`
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

setFlagsFromString('--expose-gc')
/** Collects what preparing left behind, so that it is not collected while the clock runs. */
const collect = runInNewContext('gc')

const perSecond = (count, begun) => (count * 1e9) / (spent() - begun)

/** What is there before the first command that counts. */
async function prepare(test, call) {
  // Keys are there before they are asked for, as in the second run of redis-benchmark.
  if (test === 'get') for (let n = 0; n < KEYSPACE; n += 1) await call('set', COMMANDS.set(n))
  if (test === 'lrange_100') {
    const many = ['mylist', ...Array.from({ length: PUSHED }, () => 'xxx')]
    for (let n = 0; n < LIST; n += PUSHED) await call('lpush', many)
  }
}

/** How many commands a second the wasm module answers where many come in one call. */
export async function measurePipeline(module, test, pipeline, count) {
  const redis = new Client(module)
  await prepare(test, (name, args) => redis.call(name, args))
  const next = numbers()
  const calls = Math.max(1, Math.round(count / pipeline / (test === 'lrange_100' || test === 'mset' ? 10 : 1)))
  const name = NAMES[test] ?? test
  // Made before the clock runs, as redis-benchmark makes its requests once.
  const batches = Array.from({ length: calls }, () =>
    Buffer.concat(Array.from({ length: pipeline }, () => encode(name, COMMANDS[test](next())))))
  collect()
  const begun = spent()
  for (const batch of batches) redis.send(batch)
  const rate = perSecond(calls * pipeline, begun)
  redis.free()
  return rate
}

/**
 * How many commands a second are answered, as many together as redis-benchmark has connections, or one after the other.
 * Some tests get slower with every element: two seconds are enough.
 */
async function measure(test, call, count, together) {
  await prepare(test, call)
  const name = NAMES[test] ?? test
  const next = numbers()
  // Made before the clock runs, as redis-benchmark makes its requests once.
  const all = Array.from({ length: count }, () => COMMANDS[test](next()))
  collect()
  const until = performance.now() + 2000
  const begun = spent()
  let done = 0
  while (done < count && performance.now() < until) {
    const end = Math.min(count, done + CONNECTIONS)
    if (together) {
      const replies = []
      for (; done < end; done += 1) replies.push(call(name, all[done]))
      await Promise.all(replies)
    } else for (; done < end; done += 1) await call(name, all[done])
  }
  return perSecond(done, begun)
}

/** How many commands a second the wasm module answers. */
export async function measureWasm(module, test, count, together) {
  const redis = new Client(module)
  const call = together ? (name, args) => redis.gather(name, args) : (name, args) => redis.call(name, args)
  const rate = await measure(test, call, count, together)
  redis.free()
  return rate
}

/** The same of ioredis-mock. */
export async function measureMock(test, count, together) {
  const redis = new RedisMock()
  await redis.flushall()
  const rate = await measure(test, (name, args) => redis[name](...args), count, together)
  redis.disconnect()
  return rate
}
