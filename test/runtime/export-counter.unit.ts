import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import t from 'tap'
import { countExports, reportExportFailure } from '../../lib/runtime/export-counter.ts'

t.test('exports are counted by their size, and their results passed on', async t => {
  const results: ExportResult[] = [
    { code: ExportResultCode.SUCCESS },
    { code: ExportResultCode.FAILED, error: new Error('down') },
    { code: ExportResultCode.SUCCESS },
    { code: ExportResultCode.FAILED }
  ]
  const sent: string[][] = []
  const exporter = {
    left: results.slice(),
    export (batch: string[], done: (result: ExportResult) => void) {
      sent.push(batch)
      done(this.left.shift()!)
    }
  }
  const counts = { exported: 0, failed: 0 }
  const failures: unknown[] = []
  countExports(exporter, (batch: string[]) => batch.length, counts, error => { failures.push(error?.message) })
  const seen: ExportResult[] = []
  for (const batch of [['a'], ['b', 'c'], ['d', 'e', 'f'], ['g', 'h', 'i', 'j']]) exporter.export(batch, result => { seen.push(result) })
  t.strictSame(counts, { exported: 4, failed: 6 })
  t.strictSame(failures, ['down', undefined])
  t.strictSame(seen, results)
  t.equal(sent.length, 4)
})

t.test('what is said names signal, place and the system\'s code, and nothing that changes', async t => {
  const said: string[] = []
  const onFailure = reportExportFailure(problem => { said.push(problem) }, 'spans', 'http://collector:4318')
  onFailure(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:4318 at 12:00:01'), { code: 'ECONNREFUSED' }))
  onFailure(new Error('no code'))
  onFailure(undefined)
  t.equal(said.length, 2, 'without an error the destination has said it')
  const tail = 'see that it is reachable and accepts OTLP over HTTP; this is said once'
  t.strictSame(said, [
    `spans cannot be exported to http://collector:4318 (ECONNREFUSED): ${tail}`,
    `spans cannot be exported to http://collector:4318: ${tail}`
  ])
})
