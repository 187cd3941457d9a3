import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { Delivery } from '../../lib/export/delivery.ts'
import { FileSender } from '../../lib/export/file-sender.ts'
import { openSpool } from '../../lib/export/open-spool.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { RESOURCE, names, spans } from './parcels.ts'

const never = (problem: string): void => { throw new Error(problem) }
const lines = (path: string): any[] => readFileSync(path, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line))
const spanNames = (request: any): string[] => request.resourceSpans[0].scopeSpans[0].spans.map((span: any) => span.name)

t.test('a request is a line, and it is written when the sender says so', async t => {
  const path = join(temporaryDirectory(t), 'logs/traces.json')
  const sender = new FileSender(path, never)
  for (const name of ['1', '2']) {
    t.strictSame(await sender.send({ signal: 'traces', body: composeRequest(RESOURCE, [spans([name])]) }), { result: 'accepted', rejected: 0 })
    t.strictSame(spanNames(lines(path).at(-1)), [name])
  }
  await sender.close()
})

t.test('a body that is no request is refused, said once, and spoils no line', async t => {
  const path = join(temporaryDirectory(t), 'traces.json')
  const problems: string[] = []
  const sender = new FileSender(path, problem => { problems.push(problem) })
  t.strictSame(await sender.send({ signal: 'traces', body: Uint8Array.of(0x0a, 0xff) }), { result: 'rejected' })
  t.match(problems, [/^traces cannot be written as JSON \(\w+Error\)$/])
  await sender.send({ signal: 'traces', body: composeRequest(RESOURCE, [spans(['1'])]) })
  t.strictSame(lines(path).map(spanNames), [['1']])
  await sender.close()
})

t.test('delivery writes each signal to its file, in batches, and closes them', async t => {
  const directory = temporaryDirectory(t)
  const delivery = new Delivery({ endpoints: {}, files: { directory }, resource: RESOURCE, maxBatchCount: 3 }, { openSpool, onProblem: never })
  for (const name of names('', 4)) delivery.take(spans([name]))
  delivery.take({ signal: 'logs', lines: '{"level":30,"msg":"a line"}\n', count: 1, bytes: 28 })
  t.equal(await delivery.close(5_000), true)
  t.strictSame(lines(join(directory, 'traces.json')).map(spanNames), [['0', '1', '2'], ['3']])
  t.match(lines(join(directory, 'logs.json')), [{ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a line' }, severityNumber: 9 }] }] }] }])
  t.match(delivery.stats.signals, { traces: { sent: 4 }, logs: { sent: 1 } })
})
