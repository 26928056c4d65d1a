// SPDX-License-Identifier: MIT
// BullMQ: a queue of jobs whose every step is a script over many keys.
import assert from 'node:assert/strict'
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq'
import { host, port, until } from './until.mjs'

const connection = { host, port, maxRetriesPerRequest: null }
const queue = new Queue('jobs', { connection })
queue.setMaxListeners(0)
const events = new QueueEvents('jobs', { connection })
await events.waitUntilReady()
const worker = new Worker('jobs', async (job) => {
    await job.updateProgress(50)
    if (job.data.fails > job.attemptsMade) throw new Error('not yet')
    return job.data.number + 1
}, { connection, concurrency: 5 })
const result = async (job) => (await job).waitUntilFinished(events)

assert.equal(await result(queue.add('plain', { number: 1 })), 2)
assert.equal(await result(queue.add('later', { number: 2 }, { delay: 20 })), 3)
assert.equal(await result(queue.add('first', { number: 3 }, { priority: 5 })), 4)
const stubborn = { attempts: 3, backoff: { type: 'exponential', delay: 10 } }
assert.equal(await result(queue.add('again', { number: 4, fails: 2 }, stubborn)), 5)
await assert.rejects(result(queue.add('never', { fails: 9 })), /not yet/)
const many = await queue.addBulk(Array.from({ length: 30 }, (_, number) => ({ name: 'many', data: { number } })))
assert.equal((await Promise.all(many.map(result))).length, 30)

const flow = new FlowProducer({ connection })
const child = (number) => ({ name: 'child', queueName: 'jobs', data: { number } })
const tree = { name: 'parent', queueName: 'jobs', data: { number: 9 }, children: [child(1), child(2)] }
const { job: parent } = await flow.add(tree)
assert.equal(await result(parent), 10)
assert.deepEqual(Object.values(await parent.getChildrenValues()).sort(), [2, 3])

await queue.upsertJobScheduler('again', { every: 20 }, { name: 'repeated', data: { number: 0 } })
const counts = () => queue.getJobCounts('completed', 'failed')
await until(async () => (await counts()).completed >= 40)
await queue.removeJobScheduler('again')
assert.equal((await counts()).failed, 1)
await queue.retryJobs({ state: 'failed' })
await queue.pause()
await queue.add('known', { number: 1 }, { jobId: 'known', deduplication: { id: 'one' } })
await queue.resume()
await worker.close()
await queue.clean(0, 100, 'completed')
await queue.drain(true)
await queue.obliterate({ force: true })
console.log('all is well')
process.exit(0)
