// SPDX-License-Identifier: MIT
// What a test file begins with: where the server is, and how to wait for what comes.
export const host = '127.0.0.1'
export const port = Number(process.env.PORT)
export const url = `redis://${host}:${port}`

/** Waits until `ask` says yes. The runner's time limit ends what never does. */
export async function until(ask) {
    while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The first event of that name: its arguments. */
export const first = (emitter, name) =>
    new Promise((resolve) => emitter.once(name, (...args) => resolve(args)))
