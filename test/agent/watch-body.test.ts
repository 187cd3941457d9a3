import t from 'tap'
import { watchBody } from '../../lib/agent/watch-body.ts'

const NO_NOTES = { bytes () {}, done () {}, fail () {}, stop () {} }

function watched (pull: (controller: ReadableByteStreamController) => void | Promise<void>, log: string[]): Response {
  const body = new ReadableStream({ type: 'bytes', pull, cancel (reason) { log.push(`cancel ${String(reason)}`) } }, { highWaterMark: 0 })
  const response = new Response(body)
  return watchBody(response, response.body!, {
    bytes (chunk) { log.push(`bytes ${chunk.byteLength}`) },
    done () { log.push('done') },
    fail (error) { log.push(`fail ${String(error)}`) },
    stop () { log.push('stop') }
  })
}

t.test('one chunk is read for each that is asked for, and none before', async t => {
  const log: string[] = []
  const { body } = watched(controller => { log.push('pull'); controller.enqueue(new Uint8Array(3)) }, log)
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(log, [])
  const reader = body!.getReader()
  for (let n = 0; n < 3; n++) await reader.read()
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(log, ['pull', 'bytes 3', 'pull', 'bytes 3', 'pull', 'bytes 3'])
  await reader.cancel('enough')
  t.strictSame(log.slice(6), ['stop', 'cancel enough'])
})

t.test('the end and a failure are those of the source', async t => {
  const log: string[] = []
  t.equal((await watched(controller => { controller.close(); controller.byobRequest?.respond(0) }, log).arrayBuffer()).byteLength, 0)
  const error = new RangeError('broken')
  await t.rejects(watched(controller => { controller.error(error) }, log).arrayBuffer(), error)
  t.strictSame(log, ['done', 'fail RangeError: broken'])
})

t.test('a body of which no Response can be made stays its owner\'s', async t => {
  const response = Object.defineProperty(new Response('kept'), 'status', { value: 999 })
  const untold = (): never => { throw new Error('nothing was read') }
  t.throws(() => { watchBody(response, response.body!, { bytes: untold, done: untold, fail: untold, stop: untold }) }, RangeError)
  t.equal(await response.text(), 'kept')
})

t.test('chunks that share a buffer, or lie in a pool of them', async t => {
  const whole = new TextEncoder().encode('hello world')
  const chunks = [whole.subarray(0, 6), whole.subarray(6), Buffer.from('!')]
  const response = new Response(new ReadableStream<Uint8Array>({ start (controller) { for (const chunk of chunks) controller.enqueue(chunk); controller.close() } }))
  t.equal(await watchBody(response, response.body!, NO_NOTES).text(), 'hello world!')
})
