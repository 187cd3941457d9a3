import t from 'tap'
import type { Outcome } from '../../lib/request/outcome.ts'
import { finishRequest } from '../../lib/request/finish-request.ts'
import type { RequestRecord } from '../../lib/request/request-record.ts'
import type { RequestSettings } from '../../lib/request/request-settings.ts'
import { startTime } from '../../lib/request/clock.ts'

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
