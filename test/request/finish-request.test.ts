import { once } from 'node:events'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { Outcome } from '../../lib/request/outcome.ts'
import { finishRequest } from '../../lib/request/finish-request.ts'
import type { RequestRecord } from '../../lib/request/request-record.ts'
import type { RequestSettings } from '../../lib/request/request-settings.ts'
import { startTime } from '../../lib/request/clock.ts'
import { ENGINES, exportingApp } from './exporting-app.ts'

t.test('a fault in one part leaves the others, and none gets out', async t => {
  const done: unknown[] = []
  const faults: unknown[] = []
  const fail = (what: string) => (): never => { throw new Error(what) }
  const settings = {
    options: { captureHeaders: { response: [] }, captureBody: [] },
    durations: { record: (_record: unknown, outcome: Outcome) => { done.push(outcome) } },
    onFault: (fault: unknown) => { faults.push((fault as Error).message) }
  } as unknown as RequestSettings
  const record = {
    finished: false,
    start: startTime(),
    get reply () { return fail('no reply')() },
    settings,
    ownsSpan: true,
    ambient: { hasChanged: true, added: fail('no attributes') },
    span: { isRecording: () => true, end: () => { done.push('ended') } }
  } as unknown as RequestRecord
  finishRequest(record)
  finishRequest(record)
  t.strictSame(faults, ['no reply', 'no attributes'])
  t.strictSame(done, ['ended', { statusCode: undefined, errorType: undefined, exception: undefined }])
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Whether garbage collection takes an object, within some turns of the event loop. */
async function isLetGo (object: WeakRef<object>): Promise<boolean> {
  for (let turn = 0; turn < 50 && object.deref() !== undefined; turn++) {
    await new Promise(resolve => { setImmediate(resolve) })
    collectGarbage()
  }
  return object.deref() === undefined
}

for (const engine of ENGINES) {
  t.test(`${engine}: a connection that stays open holds neither its last request nor the answer`, async t => {
    let held: Array<WeakRef<object>> = []
    const { port } = await exportingApp(t, engine, app => {
      app.get('/', async (request, reply) => {
        held = [request.raw, reply.raw, request, reply].map(object => new WeakRef(object))
        return 'ok'
      })
    })
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => { socket.destroy() })
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    t.strictSame(await Promise.all(held.map(isLetGo)), [true, true, true, true])
    t.equal(socket.readyState, 'open')
  })
}
