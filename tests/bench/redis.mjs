// Measures the Redis engine side by side with the real one, and its wasm build with ioredis-mock; `cargo task bench redis`.
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
import { measureMock, measurePipeline, measureSingle } from './in-process.mjs'

const TESTS = ['set', 'get', 'incr', 'lpush', 'zadd', 'hset', 'lrange_100', 'mset']
const ROUNDS = 3
const SCALE = process.env.DRYDOCK_QUICK ? 10 : 1
const KEYS = 1_000_000 / SCALE

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

/** Requests per second, as redis-benchmark says. */
function measure(port, test, pipeline) {
  const dear = test === 'lrange_100' || test === 'mset'
  const requests = (pipeline === 1 ? 60_000 : 1_000_000) / SCALE / (dear && pipeline > 1 ? 10 : 1)
  const args = ['-p', port, '-P', pipeline, '-n', requests, '-r', 100_000, '-c', 50, '--csv', '-t', test].map(String)
  const { stdout, status } = spawnSync(program('redis-benchmark'), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`redis-benchmark ended with ${status}`)
  const lines = stdout.trim().split('\n').filter((line) => line.startsWith('"') && !line.includes('needed to'))
  return Number(lines.at(-1).split('","')[1])
}

const thousands = (n) => Math.round(n).toLocaleString('en-US').padStart(12)
const ratio = (ours, theirs) => `${(ours / theirs).toFixed(2)}x`.padStart(9)

/** Both servers in turns, so that what else the computer does hits both; the best of some rounds. */
async function natively(report) {
  const real = await start(program('redis-server'), [])
  const ours = await start(process.env.DRYDOCK_NATIVE, ['redis-server'])
  const rates = {}
  try {
    for (const pipeline of [1, 64]) {
      report(`\nrequests per second, -P ${pipeline}            real     drydock    ratio`)
      for (const test of TESTS) {
        const best = { real: 0, ours: 0 }
        for (let round = 0; round < ROUNDS; round += 1) {
          best.real = Math.max(best.real, measure(real.port, test, pipeline))
          best.ours = Math.max(best.ours, measure(ours.port, test, pipeline))
        }
        rates[`${test} ${pipeline}`] = best.real
        report(`  ${test.padEnd(28)}${thousands(best.real)}${thousands(best.ours)}${ratio(best.ours, best.real)}`)
      }
    }
  } finally {
    await Promise.all([real.stop(), ours.stop()])
  }
  return rates
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

async function inProcess(report, rates) {
  const folder = process.env.DRYDOCK_WASM
  const module = await import(pathToFileURL(join(folder, 'in_process.js')))
  const { memory } = module.initSync({ module: readFileSync(join(folder, 'in_process_bg.wasm')) })
  const engine = { Redis: module.Redis, memory }
  report('\nwasm in Node, 64 requests a call        wasm    of real -P 64')
  for (const test of TESTS) {
    const rate = measurePipeline(engine, test, 64, 400_000 / SCALE)
    const real = rates?.[`${test} 64`]
    report(`  ${test.padEnd(28)}${thousands(rate)}${real ? ratio(rate, real) : '        –'}`)
  }
  report('\nwasm in Node, one request a call        mock        wasm    ratio')
  for (const test of TESTS) {
    const mock = await measureMock(test, 20_000 / SCALE)
    const wasm = await measureSingle(engine, test, 100_000 / SCALE)
    report(`  ${test.padEnd(28)}${thousands(mock)}${thousands(wasm)}${ratio(wasm, mock)}`)
  }
}

const report = (line) => console.log(line)
const found = spawnSync(program('redis-server'), ['--version'], { encoding: 'utf8' })
let rates
if (found.status === 0) {
  report(found.stdout.trim())
  rates = await natively(report)
  await memory(report)
} else {
  report('SKIPPED: no real redis-server on PATH or in DRYDOCK_REDIS, so nothing to compare the native build with')
}
await inProcess(report, rates)
