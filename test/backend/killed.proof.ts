import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { temporaryDirectory } from '../temporary-directory.ts'
import { startProgram } from './backend-process.ts'
import { runningBackend } from './running-backend.ts'
import { spansRequest } from './sample-requests.ts'

t.test('killed in the middle of taking spans, it starts again with a sound store', async t => {
  const path = temporaryDirectory(t)
  const first = await startProgram(t, ['--data', path])
  const state = { stopped: false, accepted: 0 }
  const sending = Array.from({ length: 2 }, async (_, sender) => {
    for (let request = 0; !state.stopped; request++) {
      const body = spansRequest(50, (sender * 1_000_000) + request * 50)
      const answer = await fetch(`${first.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => undefined)
      if (answer?.status === 200) state.accepted += 50
      else if (state.stopped) return
    }
  })
  while (state.accepted < 4_000) await new Promise(resolve => { setTimeout(resolve, 20) })
  const acceptedLongAgo = state.accepted
  await new Promise(resolve => { setTimeout(resolve, 1_500) })
  const exit = once(first.child, 'exit')
  first.child.kill('SIGKILL')
  state.stopped = true
  await Promise.all([exit, ...sending])

  const backend = await runningBackend(t, { path })
  const [rows] = await backend.rows<{ rows: string, ids: string }>('SELECT count() AS rows, uniqExact(SpanId) AS ids FROM otel_traces')
  t.equal(rows!.rows, rows!.ids, 'no span is there twice')
  t.ok(Number(rows!.rows) >= acceptedLongAgo, `${rows!.rows} of ${state.accepted} spans, of which ${acceptedLongAgo} were taken more than a second before`)
  const check = await fetch(`${backend.clickhouseUrl}/?default_format=JSONCompactEachRow&check_query_single_value_result=0`, { method: 'POST', body: 'CHECK TABLE otel.otel_traces' })
  const parts = (await check.text()).trim().split('\n').map(line => JSON.parse(line) as [part: string, isWhole: boolean])
  t.ok(parts.length > 0 && parts.every(([, isWhole]) => isWhole), 'every part is whole')
  t.strictSame(await readdir(join(path, 'incoming')), [], 'nothing is left over')
  await backend.send('traces', spansRequest(10, 5_000_000))
  await backend.flush()
  t.match(await backend.rows('SELECT count() AS rows FROM otel_traces'), [{ rows: String(Number(rows!.rows) + 10) }], 'and it takes more')
  t.strictSame(backend.problems, [])
  await backend.close()
})
