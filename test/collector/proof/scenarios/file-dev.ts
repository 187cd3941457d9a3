/** The example server through `file-dev`: every span that it sent is in the file, and so is all else. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runExample } from '../harness/example.ts'
import { Forwarder } from '../harness/forwarder.ts'
import { points, records, spansById } from '../harness/otlp-contents.ts'
import { proof } from '../harness/proof.ts'

await proof('the example server, in files', async p => {
  const collector = await p.collector({ configuration: 'file-dev' })
  const forwarder = await Forwarder.to(collector.url)
  p.teardown(forwarder.close)
  const requests = await runExample(p, forwarder.url)
  const linesOf = (file: string): any[] => readFileSync(join(p.directory, 'logs', file), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))

  // At once: a request was acknowledged when it was in the file.
  const [sent, kept] = [spansById(forwarder.acknowledged.traces), spansById(linesOf('traces.json'))]
  p.check(`there are spans: ${sent.size} of ${requests} requests`, sent.size > requests && requests > 30)
  p.equal('every span that was sent is in the file, as it was sent', kept, sent)
  p.equal('every log record too', records(linesOf('logs.json')), records(forwarder.acknowledged.logs))
  p.equal('and every metric', points(linesOf('metrics.json')), points(forwarder.acknowledged.metrics))
  p.equal('the collector counts them', await collector.sum('otelcol_exporter_sent_spans'), sent.size)
  p.equal('SIGTERM ends it well', await collector.stop(), 0)
  p.equal('it had nothing to say', collector.output, '')
})
