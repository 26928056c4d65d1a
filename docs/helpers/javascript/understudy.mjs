// SPDX-License-Identifier: MIT
/*
 * An understudy for a run of Jest or Vitest, or one for each test file. Needs no package.
 *
 * For files that run one after the other (jest --runInBand, vitest --no-file-parallelism), one:
 *
 *     globalSetup: './understudy.mjs'        // jest.config.mjs; in vitest.config.mjs below `test`
 *
 * For files that run side by side, one each, which takes milliseconds. A file with these two lines,
 * named in Jest's `setupFilesAfterEnv`, or Vitest's `setupFiles` together with `globals: true`:
 *
 *     import setup from './understudy.mjs'
 *     afterAll(await setup())
 *
 * Tests find it by REDIS_URL, REDIS_HOST and REDIS_PORT, as any client does, and command it by
 *
 *     import { mock } from './understudy.mjs'
 *     beforeEach(() => mock('RESET'))
 *     await mock('CLOCK', 'ADVANCE', 30000)
 *
 * The program is the one that UNDERSTUDY names, or `understudy` on PATH.
 */
import { spawn } from 'node:child_process'
import net from 'node:net'

/** Starts a server on a free port; it ends with stop(), and with this process at the latest. */
export async function start(...options) {
    const program = process.env.UNDERSTUDY || 'understudy'
    const words = ['--port', '0', '--exit-with-parent', '--ready-fd', '1', '--logfile', '/dev/null']
    const child = spawn(program, [...words, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
    const line = await new Promise((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', status => reject(new Error(`${program} ended with status ${status}`)))
        child.stdout.once('data', data => resolve(String(data)))
    })
    const [host, port] = line.trim().split(' ')
    child.removeAllListeners('exit')
    child.stdout.destroy()
    child.unref() // the server keeps no test runner alive
    return {
        host,
        port: Number(port),
        url: `redis://${host}:${port}`,
        mock: (...rest) => send(host, Number(port), ['MOCK', ...rest]),
        stop: () => child.kill(),
    }
}

/** MOCK on the server that setup() started. */
export function mock(...words) {
    return send(process.env.REDIS_HOST, Number(process.env.REDIS_PORT), ['MOCK', ...words])
}

/** Starts a server for all clients of this process and its children; the answer ends it. */
export default async function setup() {
    const server = await start()
    process.env.REDIS_URL = server.url
    process.env.REDIS_HOST = server.host
    process.env.REDIS_PORT = String(server.port)
    // Jest runs the hook that was set up first first: clients may be closed after this.
    return () => { setTimeout(server.stop, 1000).unref() }
}

/** One command on a connection of its own; an error that is answered is thrown. */
export function send(host, port, words) {
    const request = words.map(word => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`)
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, host)
        let input = Buffer.alloc(0)
        socket.on('error', reject)
        socket.on('close', () => reject(new Error('the server closed the connection')))
        socket.on('data', data => {
            input = Buffer.concat([input, data])
            const answer = parse(input, 0)
            if (answer === undefined) return
            socket.destroy()
            if (answer.value instanceof Error) reject(answer.value)
            else resolve(answer.value)
        })
        socket.write(`*${words.length}\r\n${request.join('')}`)
    })
}

/** The value that begins at `at`, and where the next one does; undefined when it is not whole. */
function parse(input, at) {
    const end = input.indexOf('\r\n', at)
    if (end < 0) return undefined
    const text = input.toString('utf8', at + 1, end)
    let next = end + 2
    switch (String.fromCharCode(input[at])) {
    case '+': return { value: text, next }
    case '-': return { value: new Error(text), next }
    case ':': return { value: Number(text), next }
    case '$': {
        const size = Number(text)
        if (size < 0) return { value: null, next }
        if (input.length < next + size + 2) return undefined
        return { value: input.toString('utf8', next, next + size), next: next + size + 2 }
    }
    case '*': {
        if (Number(text) < 0) return { value: null, next }
        const value = []
        while (value.length < Number(text)) {
            const element = parse(input, next)
            if (element === undefined) return undefined
            value.push(element.value)
            next = element.next
        }
        return { value, next }
    }
    default: throw new Error(`no RESP2: ${text}`)
    }
}
