// Unmodified clients against `drydock redis-server`: ioredis, redis-py, and the real redis-cli and redis-benchmark.
//
// DRYDOCK_NATIVE  the drydock command
// DRYDOCK_REDIS   folder of the real redis-cli and redis-benchmark; without it they are looked for on PATH, and
//                 where they are not, their tests are skipped
// DRYDOCK_PYTHON  folder of redis-py; without it its tests are skipped

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'

const DRYDOCK = process.env.DRYDOCK_NATIVE ?? 'drydock'
const program = (name) => (process.env.DRYDOCK_REDIS ? join(process.env.DRYDOCK_REDIS, name) : name)
const there = spawnSync(program('redis-cli'), ['--version']).status === 0
if (!there) console.error('\nSKIPPED: no real redis-cli and redis-benchmark (cargo task setup fetches them on Debian)\n')
const PYTHON = process.env.DRYDOCK_PYTHON
if (!PYTHON) console.error('\nSKIPPED: no redis-py (it needs Python 3 with pip)\n')
const skip = there ? false : 'no real redis-cli'

/** Tries until it succeeds; the last failure counts. */
async function eventually(attempt, patience = 30_000) {
  for (const end = Date.now() + patience; ; ) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(50)
    }
  }
}

const reach = (port) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy()))
    socket.on('error', reject)
  })

/** A port that is free, and the one of its cluster bus with it. */
async function freePort() {
  const listen = (port) =>
    new Promise((resolve, reject) => {
      const server = createServer().on('error', reject)
      server.listen(port, '127.0.0.1', () => resolve(server))
    })
  return eventually(async () => {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    for (const one of [port, port + 10_000]) {
      const server = await listen(one)
      await new Promise((done) => server.close(done))
    }
    return port
  })
}

/** A server in a folder of its own. */
async function start(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-clients-'))
  const port = await freePort()
  const options = ['redis-server', '--port', String(port), '--save', '', ...args]
  const child = spawn(DRYDOCK, options, { cwd: folder, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await eventually(() => reach(port))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, stop }
}

function run(name, args, input = '') {
  const { status, stdout, stderr } = spawnSync(program(name), args, { input, encoding: 'utf8', timeout: 60_000 })
  return { status, out: stdout + stderr }
}

describe('one server', () => {
  let server, client
  before(async () => {
    server = await start()
    client = new Redis(server.port)
  })
  after(async () => {
    client.disconnect()
    await server.stop()
  })

  test('ioredis: values of all types', async () => {
    await client.set('text', '한국어', 'EX', 100)
    assert.equal(await client.get('text'), '한국어')
    assert.deepEqual(await client.getBuffer('text'), Buffer.from('한국어'))
    assert.equal(await client.ttl('text'), 100)
    assert.equal(await client.rpush('list', 1, 2, 3), 3)
    assert.deepEqual(await client.lrange('list', 0, -1), ['1', '2', '3'])
    await client.hset('hash', { a: 1, b: 2 })
    assert.deepEqual(await client.hgetall('hash'), { a: '1', b: '2' })
    await client.zadd('scores', 1.5, 'x', 2, 'y')
    assert.deepEqual(await client.zrange('scores', 0, -1, 'WITHSCORES'), ['x', '1.5', 'y', '2'])
    await client.sadd('set', 'm')
    assert.equal(await client.sismember('set', 'm'), 1)
    assert.equal(await client.xadd('stream', '1-1', 'f', 'v'), '1-1')
    assert.deepEqual(await client.xrange('stream', '-', '+'), [['1-1', ['f', 'v']]])
    await assert.rejects(client.lpush('text', 1), /^ReplyError: WRONGTYPE Operation against a key holding the wrong/)
  })

  test('ioredis: pipelines, transactions, scripts, scans', async () => {
    const replies = await client.pipeline().set('n', 1).incr('n').get('n').lpush('n', 1).exec()
    assert.deepEqual(replies.slice(0, 3), [[null, 'OK'], [null, 2], [null, '2']])
    assert.match(replies[3][0].message, /^WRONGTYPE/)
    assert.deepEqual(await client.multi().incr('n').incr('n').exec(), [[null, 3], [null, 4]])
    client.defineCommand('both', { numberOfKeys: 1, lua: 'return {KEYS[1], ARGV[1], redis.call("get", KEYS[1])}' })
    assert.deepEqual(await client.both('n', 'x'), ['n', 'x', '4'])
    for (let i = 0; i < 500; i++) client.set(`scan:${i}`, i)
    const found = new Set()
    for await (const keys of client.scanStream({ match: 'scan:*' })) keys.forEach((key) => found.add(key))
    assert.equal(found.size, 500)
  })

  test('ioredis: messages and blocked clients', async () => {
    const listener = client.duplicate()
    const message = new Promise((resolve) => listener.on('message', (...heard) => resolve(heard)))
    await listener.subscribe('news')
    assert.equal(await client.publish('news', 'hello'), 1)
    assert.deepEqual(await message, ['news', 'hello'])
    const waiter = client.duplicate()
    const popped = waiter.blpop('later', 10)
    await eventually(async () => assert.match(await client.info('clients'), /blocked_clients:1/))
    await client.rpush('later', 'now')
    assert.deepEqual(await popped, ['later', 'now'])
    listener.disconnect()
    waiter.disconnect()
  })

  test('redis-cli prints what it prints of the real server', { skip }, () => {
    const cli = (...args) => run('redis-cli', ['-p', String(server.port), ...args])
    assert.deepEqual(cli('set', 'cli', 'a "b"'), { status: 0, out: 'OK\n' })
    assert.equal(cli('--no-raw', 'get', 'cli').out, '"a \\"b\\""\n')
    assert.equal(cli('--no-raw', 'lrange', 'nosuch', '0', '-1').out, '(empty array)\n')
    const failed = cli('-e', 'nosuch')
    assert.deepEqual({ ...failed, out: failed.out.trim() }, { status: 1, out: "ERR unknown command 'nosuch'" })
    assert.equal(cli('-3', '--json', 'hgetall', 'hash').out, '{"a":"1","b":"2"}\n')
    const piped = run('redis-cli', ['-p', String(server.port), '--pipe'], 'SET p 1\r\nINCR p\r\n')
    assert.match(piped.out, /errors: 0, replies: 2\n$/)
    assert.match(cli('--bigkeys').out, /Biggest {3}list found "list" has 3 items/)
    assert.match(cli('help', 'get').out, /Returns the string value of a key\./)
  })

  test('redis-benchmark goes through all its tests', { skip }, () => {
    const { status, out } = run('redis-benchmark', ['-p', String(server.port), '-q', '-n', '500', '-c', '10', '-P', '4'])
    assert.equal(status, 0, out)
    for (const name of ['PING_INLINE', 'SET', 'LPUSH', 'ZPOPMIN', 'XADD', 'MSET (10 keys)']) {
      assert.ok(out.includes(`${name}: `), `${name} in ${out}`)
    }
  })
})

test('redis-py: values, scripts, messages, its cache', { skip: PYTHON ? false : 'no redis-py' }, async () => {
  const server = await start()
  const script = join(import.meta.dirname, 'redis_py.py')
  const env = { ...process.env, PYTHONPATH: PYTHON, PYTHONDONTWRITEBYTECODE: '1' }
  const { status, stdout, stderr } = spawnSync('python3', [script, String(server.port)], { env, encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
  assert.match(stderr, /Ran \d+ tests/)
  await server.stop()
})

test('a password', async () => {
  const server = await start('--requirepass', 'secret')
  const stranger = new Redis(server.port, { enableReadyCheck: false })
  stranger.on('error', () => {})
  await assert.rejects(stranger.get('a'), /NOAUTH Authentication required/)
  const friend = new Redis({ port: server.port, password: 'secret' })
  assert.equal(await friend.set('a', 1), 'OK')
  stranger.disconnect()
  friend.disconnect()
  await server.stop()
})

test('a cluster of three, made by redis-cli, used by ioredis', { skip }, async () => {
  const nodes = await Promise.all([1, 2, 3].map(() => start('--cluster-enabled', 'yes')))
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const made = run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'])
  assert.match(made.out, /\[OK\] All 16384 slots covered\./)
  const probe = new Redis(nodes[0].port)
  await eventually(async () => assert.match(await probe.cluster('INFO'), /cluster_state:ok/))
  const client = new Cluster([{ host: '127.0.0.1', port: nodes[2].port }])
  const keys = Array.from({ length: 100 }, (_, i) => `key:${i}`)
  await eventually(() => Promise.all(keys.map((key, i) => client.set(key, i))))
  assert.deepEqual(await Promise.all(keys.map((key) => client.get(key))), keys.map((_, i) => String(i)))
  assert.equal(await probe.cluster('KEYSLOT', 'foo'), 12182)
  const checked = run('redis-cli', ['--cluster', 'check', addresses[1]])
  assert.equal(checked.status, 0, checked.out)
  assert.match(checked.out, /\[OK\] 100 keys in 3 masters\./)
  const moved = run('redis-cli', ['-c', '-p', String(nodes[0].port), 'get', 'key:99'])
  assert.equal(moved.out, '99\n')
  client.disconnect()
  probe.disconnect()
  await Promise.all(nodes.map((node) => node.stop()))
})
