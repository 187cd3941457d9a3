/** A response says `close` in the last phase of a turn of the event loop: the turn that begins after this one has seen it. */
const TURNS = 2

/**
 * Waits for what is left of requests whose connections are gone. A server is closed when its last connection is, which Node
 * counts before the response says `close` and its span ends.
 */
export async function lastResponses (): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise(resolve => setImmediate(resolve))
}
