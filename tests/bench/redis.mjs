// Measures the Redis engine side by side with the real one, and its wasm build with ioredis-mock; `cargo task bench redis`.
//
// What decides is the processor time that a server takes for a request: what else runs on the computer hardly
// changes it. Requests per second stand beside it, and they suffer from everything else that runs. Both servers are
// measured in turns, and the best of some rounds counts.
//
// DRYDOCK_NATIVE  the drydock command, built for release
// DRYDOCK_REDIS   folder of the real redis-server and redis-benchmark; without it they are looked for on PATH
// DRYDOCK_WASM    folder of the engine's wasm module, in_process.js and in_process_bg.wasm
// DRYDOCK_QUICK   any value: a tenth of the requests

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { CONNECTIONS, measureMock, measurePipeline, measureWasm } from './in-process.mjs'

const TESTS = ['set', 'get', 'incr', 'lpush', 'zadd', 'hset', 'lrange_100', 'mset']
const ROUNDS = 3
const SCALE = process.env.DRYDOCK_QUICK ? 10 : 1
const KEYS = 1_000_000 / SCALE
/** Requests of a measurement in Node. */
const REQUESTS = 50_000

const program = (name) => (process.env.DRYDOCK_REDIS ? join(process.env.DRYDOCK_REDIS, name) : name)

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** A server in a folder of its own. */
async function start(command, args) {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  const port = await freePort()
  const child = spawn(command, [...args, '--port', String(port), '--save', ''], { cwd: folder, stdio: 'ignore' })
  const stop = async () => {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const up = await new Promise((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)))
    socket.destroy()
    if (up) return { port, pid: child.pid, stop }
    await sleep(50)
  }
  await stop()
  throw new Error(`${command} does not listen`)
}

/** Microseconds of processor time that a process has taken, where the system says so. */
function processorTime(pid) {
  if (process.platform !== 'linux') return NaN
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  // User and system time, in ticks of a hundredth of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Requests per second, as redis-benchmark says, and the server's processor time for each in microseconds. */
function measure({ port, pid }, test, pipeline) {
  const dear = test === 'lrange_100' || test === 'mset'
  const requests = (pipeline === 1 ? 100_000 : 1_000_000) / SCALE / (dear && pipeline > 1 ? 5 : 1)
  const args = ['-p', port, '-P', pipeline, '-n', requests, '-r', 100_000, '-c', 50, '--csv', '-t', test].map(String)
  const before = processorTime(pid)
  const { stdout, status } = spawnSync(program('redis-benchmark'), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`redis-benchmark ended with ${status}`)
  const lines = stdout.trim().split('\n').filter((line) => line.startsWith('"') && !line.includes('needed to'))
  return { rate: Number(lines.at(-1).split('","')[1]), time: (processorTime(pid) - before) / requests }
}

const thousands = (n) => Math.round(n).toLocaleString('en-US').padStart(12)
const micros = (n) => n.toFixed(2).padStart(9)
const ratio = (ours, theirs) => (Number.isFinite(ours / theirs) ? `${(ours / theirs).toFixed(2)}x` : '–').padStart(9)

/** The best of what was measured so far and of one more measurement. */
const better = (best, one) =>
  best ? { rate: Math.max(best.rate, one.rate), time: Math.min(best.time, one.time) } : one

/** Both servers in turns, so that what else the computer does hits both. The real server's figures, by test. */
async function natively(report) {
  const real = await start(program('redis-server'), [])
  const ours = await start(process.env.DRYDOCK_NATIVE, ['redis-server'])
  const figures = {}
  try {
    for (const pipeline of [1, 64]) {
      report(`\n                          µs of processor time a request         requests per second`)
      report(`-P ${String(pipeline).padEnd(19)}     real  drydock   faster          real     drydock    ratio`)
      for (const test of TESTS) {
        const best = {}
        // Where each request waits for the one before, the system's scheduler decides more than the servers do.
        const rounds = pipeline === 1 ? 2 * ROUNDS : ROUNDS
        for (let round = 0; round < rounds; round += 1) {
          best.real = better(best.real, measure(real, test, pipeline))
          best.ours = better(best.ours, measure(ours, test, pipeline))
        }
        figures[`${test} ${pipeline}`] = best.real
        const times = micros(best.real.time) + micros(best.ours.time) + ratio(best.real.time, best.ours.time)
        const rates = `  ${thousands(best.real.rate)}${thousands(best.ours.rate)}${ratio(best.ours.rate, best.real.rate)}`
        report(`  ${test.padEnd(20)}${times}${rates}`)
      }
    }
  } finally {
    await Promise.all([real.stop(), ours.stop()])
  }
  return figures
}

function resident(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024
}

/** Sends commands that each have one line as reply, and waits for all replies. */
async function fill(port, command) {
  const socket = connect(port, '127.0.0.1')
  let replies = 0
  const all = new Promise((resolve, reject) => {
    socket.on('error', reject).on('data', (data) => {
      for (const byte of data) replies += byte === 10 ? 1 : 0
      if (replies >= KEYS) resolve()
    })
  })
  for (let from = 0; from < KEYS; from += 1000) {
    let text = ''
    for (let n = from; n < from + 1000; n += 1) text += `${command(n)}\r\n`
    if (!socket.write(text)) await new Promise((resolve) => socket.once('drain', resolve))
  }
  await all
  socket.destroy()
}

const SHAPES = {
  'SET key:N val:N': (n) => `SET key:${n} val:${n}`,
  'SET key:N N': (n) => `SET key:${n} ${n}`,
  'SET … (40 bytes)': (n) => `SET session:${n} ${'abcdefghij'.repeat(3)}${String(n).padStart(10, '0')}`,
  'SET … EX 10000': (n) => `SET key:${n} val:${n} EX 10000`,
  'HSET h:N name nN age 12': (n) => `HSET h:${n} name n${n} age 12`,
  'RPUSH l:N a b c': (n) => `RPUSH l:${n} a b c`,
  'SADD s:N aN': (n) => `SADD s:${n} a${n}`,
  'ZADD z:N N mN': (n) => `ZADD z:${n} ${n} m${n}`,
}

async function memory(report) {
  if (process.platform !== 'linux') return report('\nmemory: measured on Linux only')
  report(`\nMB for ${KEYS.toLocaleString('en-US')} small keys              real     drydock    ratio`)
  for (const [name, command] of Object.entries(SHAPES)) {
    const grown = []
    for (const [binary, args] of [[program('redis-server'), []], [process.env.DRYDOCK_NATIVE, ['redis-server']]]) {
      const server = await start(binary, args)
      const before = resident(server.pid)
      await fill(server.port, command)
      grown.push(resident(server.pid) - before)
      await server.stop()
    }
    report(`  ${name.padEnd(28)}${thousands(grown[0])}${thousands(grown[1])}${ratio(grown[1], grown[0])}`)
  }
}

/** The shortest time that some rounds of two measurements in turns found, in microseconds. */
async function inTurns(...measurements) {
  const best = measurements.map(() => Infinity)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [n, measurement] of measurements.entries()) best[n] = Math.min(best[n], 1e6 / (await measurement()))
  }
  return best
}

async function inProcess(report, figures) {
  const folder = process.env.DRYDOCK_WASM
  const module = await import(pathToFileURL(join(folder, 'in_process.js')))
  const { memory } = module.initSync({ module: readFileSync(join(folder, 'in_process_bg.wasm')) })
  const engine = { Redis: module.Redis, memory }
  report('\nwasm in Node, 64 requests a call, in µs a request (of the real server: processor time, -P 64)')
  report(`${' '.repeat(22)}     real     wasm   faster`)
  for (const test of TESTS) {
    const [wasm] = await inTurns(() => measurePipeline(engine, test, 64, 400_000 / SCALE))
    const real = figures?.[`${test} 64`]?.time ?? NaN
    report(`  ${test.padEnd(20)}${micros(real)}${micros(wasm)}${ratio(real, wasm)}`)
  }
  for (const together of [false, true]) {
    report(`\nwasm and ioredis-mock in Node, ${together ? `${CONNECTIONS} requests under way at a time` : 'one request after the other'}, in µs a request`)
    report(`${' '.repeat(22)}     mock     wasm   faster`)
    for (const test of TESTS) {
      // As many of both, and not fewer in a quick run: the mock copies a list, a set or a hash for each change, so that
      // figures depend on sizes.
      const [mock, wasm] = await inTurns(
        () => measureMock(test, REQUESTS, together),
        () => measureWasm(engine, test, REQUESTS, together),
      )
      report(`  ${test.padEnd(20)}${micros(mock)}${micros(wasm)}${ratio(mock, wasm)}`)
    }
  }
}

const report = (line) => console.log(line)
const found = spawnSync(program('redis-server'), ['--version'], { encoding: 'utf8' })
let figures
if (found.status === 0) {
  report(found.stdout.trim())
  figures = await natively(report)
  await memory(report)
} else {
  report('SKIPPED: no real redis-server on PATH or in DRYDOCK_REDIS, so nothing to compare the native build with')
}
await inProcess(report, figures)
