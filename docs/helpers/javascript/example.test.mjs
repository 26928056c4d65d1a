// SPDX-License-Identifier: MIT
// What tests look like with understudy.mjs. These use node's own test runner, and `send` in the
// place of a client: node --test example.test.mjs
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import setup, { mock, send, start } from './understudy.mjs'

const redis = (...words) => send(process.env.REDIS_HOST, process.env.REDIS_PORT, words)
let teardown

before(async () => { teardown = await setup() }) // Jest and Vitest do this by globalSetup
after(() => teardown())
beforeEach(() => mock('RESET'))

test('a lock is free after its time', async () => {
    await mock('CLOCK', 'FREEZE')
    assert.equal(await redis('SET', 'lock', 'a', 'NX', 'PX', 30000), 'OK')
    await mock('CLOCK', 'ADVANCE', 29999)
    assert.equal(await redis('SET', 'lock', 'b', 'NX', 'PX', 30000), null)
    await mock('CLOCK', 'ADVANCE', 1)
    assert.equal(await redis('SET', 'lock', 'b', 'NX', 'PX', 30000), 'OK')
})

test('the next test finds nothing of it', async () => {
    assert.deepEqual(await redis('KEYS', '*'), [])
})

test('a lost reply is not a lost write', async () => {
    await mock('FAULT', 'ADD', 'lost', 'COMMAND', 'incr', 'TIMES', 1, 'CLOSE', 'AFTER')
    await assert.rejects(redis('INCR', 'n'))
    assert.equal(await redis('INCR', 'n'), 2)
})

test('an error that is answered is thrown', async () => {
    await mock('FAULT', 'ADD', 'full', 'COMMAND', 'set', 'OOM')
    await assert.rejects(redis('SET', 'k', 'v'), /^Error: OOM /)
})

test('a file may have a server of its own', async () => {
    const own = await start('--emulate', '7.0')
    await redis('SET', 'k', 'v')
    assert.equal(await send(own.host, own.port, ['EXISTS', 'k']), 0)
    own.stop()
})

test('a server that cannot start is an error', async () => {
    await assert.rejects(start('--emulate', '1.0'), /status 1/)
})
