// SPDX-License-Identifier: MIT
// Scripts that are loaded at need, caches that the server keeps true, messages among replies.
import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { BasicClientSideCache, createClient, defineScript } from 'redis'
import { first, host, port, until, url } from './until.mjs'

const ADD = "return redis.call('incrby', KEYS[1], ARGV[1])"

const io = new Redis({ host, port })
io.defineCommand('add', { numberOfKeys: 1, lua: ADD })
assert.equal(await io.add('n', 2), 2)
await io.script('FLUSH')
assert.equal(await io.add('n', 2), 4) // by EVALSHA, NOSCRIPT, EVAL
await io.script('FLUSH')
assert.deepEqual(await io.pipeline().add('n', 1).add('n', 1).exec(), [[null, 5], [null, 6]])
assert.deepEqual(await io.multi().add('n', 1).get('n').exec(), [[null, 7], [null, '7']])
const monitor = await io.monitor()
const seen = first(monitor, 'monitor')
await io.ping()
assert.deepEqual((await seen)[1], ['ping'])
const subscriber = new Redis({ host, port })
await subscriber.psubscribe('n*')
const message = first(subscriber, 'pmessage')
await io.publish('news', 'hello')
assert.deepEqual(await message, ['n*', 'news', 'hello'])

for (const RESP of [2, 3]) {
    await io.flushall()
    const add = defineScript({
        NUMBER_OF_KEYS: 1,
        SCRIPT: ADD,
        parseCommand: (parser, key, number) => {
            parser.pushKey(key)
            parser.push(String(number))
        },
        transformReply: undefined,
    })
    const client = createClient({ url, RESP, scripts: { add } })
    client.on('error', (error) => assert.fail(error))
    await client.connect()
    assert.equal(await client.add('n', 3), 3)
    await client.scriptFlush()
    assert.equal(await client.add('n', 3), 6)
    assert.deepEqual(await client.multi().add('n', 1).get('n').exec(), [7, '7'])
    const heard = []
    await client.subscribe('news', (text) => heard.push(text))
    await io.publish('news', 'hello')
    await until(() => heard.length === 1)
    await client.unsubscribe('news')
    assert.equal(String(await client.get('n')), '7')
}

await io.set('k', '1')
const clientSideCache = new BasicClientSideCache({ ttl: 0, maxEntries: 10 })
const caching = createClient({ url, RESP: 3, clientSideCache })
await caching.connect()
assert.equal(await caching.get('k'), '1')
assert.equal(await caching.get('k'), '1')
assert.equal(clientSideCache.stats().hitCount, 1)
await io.set('k', '2')
await until(async () => (await caching.get('k')) === '2')
await io.flushall()
await until(async () => (await caching.get('k')) === null)
console.log('all is well')
process.exit(0)
