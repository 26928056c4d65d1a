// SPDX-License-Identifier: MIT
// ioredis's Cluster and node-redis's createCluster with a cluster of one node.
import assert from 'node:assert/strict'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { first, host, port, until, url } from './until.mjs'

const cluster = new Cluster([{ host, port }])
assert.equal(await cluster.set('a', 1), 'OK')
assert.equal(await cluster.incr('a'), 2)
assert.deepEqual(cluster.nodes('master').map((node) => node.options.port), [port])
await assert.rejects(cluster.mget('a', 'b'), /CROSSSLOT/)
assert.deepEqual(await cluster.multi().set('{a}', 5).get('{a}').exec(), [[null, 'OK'], [null, '5']])
cluster.defineCommand('add', { numberOfKeys: 1, lua: "return redis.call('incrby', KEYS[1], ARGV[1])" })
assert.equal(await cluster.add('a', 5), 7)
const listener = new Cluster([{ host, port }], { shardedSubscribers: true })
await listener.subscribe('news')
const message = first(listener, 'message')
await cluster.publish('news', 'plain')
assert.deepEqual(await message, ['news', 'plain'])
await listener.ssubscribe('sport')
const sharded = first(listener, 'smessage')
await cluster.spublish('sport', 'sharded')
assert.deepEqual((await sharded).slice(0, 2), ['sport', 'sharded'])

for (const RESP of [2, 3]) {
    const client = createCluster({ rootNodes: [{ url }], RESP })
    client.on('error', (error) => assert.fail(error))
    await client.connect()
    assert.equal(await client.set('k', 'v'), 'OK')
    assert.deepEqual(await client.multi().set('{k}1', 'x').get('{k}1').exec(), ['OK', 'x'])
    const heard = []
    await client.sSubscribe('sharded', (text) => heard.push(text))
    await client.subscribe('plain', (text) => heard.push(text))
    await until(() => client.sPublish('sharded', '1'))
    await until(() => client.publish('plain', '2'))
    await until(() => heard.includes('1') && heard.includes('2'))
}
console.log('all is well')
process.exit(0)
