import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { BlockFile } from '../../lib/backend/ingest/block-files.ts'
import { LeftFiles } from '../../lib/backend/ingest/left-files.ts'
import { libUrl } from '../fixtures/node-process.ts'
import { startProgram } from './backend-process.ts'
import { runningBackend } from './running-backend.ts'
import { spansRequest } from './sample-requests.ts'

t.test('killed in the middle of taking spans, it starts again with a sound store', async t => {
  const path = t.testdir()
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

t.test('blocks that an earlier process left are inserted once, and what is broken is said', async t => {
  const path = t.testdir()
  const incoming = join(path, 'incoming')
  await mkdir(incoming, { recursive: true })
  const block = Buffer.concat([Buffer.from([2, 1, 9]), Buffer.from('Timestamp'), Buffer.from([13]), Buffer.from('DateTime64(9)'), Buffer.alloc(8), Buffer.from([8]), Buffer.from('SpanName'), Buffer.from([6]), Buffer.from('String'), Buffer.from([4]), Buffer.from('left')])
  block.writeBigInt64LE(BigInt(Date.now()) * 1_000_000n, 2 + 1 + 9 + 1 + 13)
  const names = ['otel_traces-a.native', 'otel_traces-b.native', 'otel_logs-c.native', 'otel_traces-d.native.part']
  for (const [index, name] of names.entries()) await writeFile(join(incoming, name), index < 2 ? block : 'broken')
  const backend = await runningBackend(t, { path })
  t.match(await backend.rows("SELECT count() AS rows FROM otel_traces WHERE SpanName = 'left'"), [{ rows: '2' }])
  t.match(backend.problems, [/^\d+ rows that an earlier process left cannot be inserted into otel_logs, and are lost: /])
  t.ok(backend.figures.lost.logs > 0)
  t.strictSame(await readdir(incoming), [])
  await backend.close()
  await writeFile(join(incoming, names[0]!), block)
  const again = await runningBackend(t, { path })
  t.match(await again.rows("SELECT count() AS rows FROM otel_traces WHERE SpanName = 'left'"), [{ rows: '2' }], 'the same block does not count again')
})

t.test('a disk that takes a part of a block leaves no file of it', { skip: process.platform === 'win32' }, async t => {
  const directory = t.testdir()
  const script = `
    import { BlockFiles } from '${libUrl('backend/ingest/block-files.ts')}'
    import { spanBlock } from '${libUrl('backend/otlp/span-rows.ts')}'
    process.on('SIGXFSZ', () => {})
    const files = await BlockFiles.open('${directory}', 'otel')
    const block = spanBlock()
    block.columns.SpanName.text('x'.repeat(1_000_000))
    await files.write(block).catch(problem => { console.log(problem.message) })`
  // Behind the limit a write is short, as where the disk becomes full.
  const child = spawn('sh', ['-c', 'ulimit -f 64 && exec "$0" --input-type=module-typescript -e "$1"', process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.match(await text(child.stdout), /^the disk took \d+ of 100\d{4} bytes\n$/)
  t.strictSame(await readdir(directory), [])
})

t.test('what the engine cannot take now waits, and only what it refuses is lost', async t => {
  const said: string[] = []
  const refusal = Object.assign(new Error('no such column'), { clickhouseCode: 16 })
  const answers: Record<string, Error[]> = { a: [new Error('busy'), new Error('busy')], b: [refusal], c: [] }
  const done = Promise.withResolvers<void>()
  const tools = {
    insert: async ({ path }: BlockFile) => {
      const problem = answers[path]!.shift()
      if (problem !== undefined) throw problem
      said.push(`inserted ${path}`)
      if (path === 'a') done.resolve()
    },
    remove: async ({ path }: BlockFile) => { said.push(`removed ${path}`) },
    onRefused: async ({ path }: BlockFile) => { said.push(`refused ${path}`) },
    onTrouble: ({ path }: BlockFile) => { said.push(`trouble ${path}`) }
  }
  const files = ['a', 'b', 'c'].map(path => ({ table: 'otel_logs', path }))
  const left = new LeftFiles(tools)
  await left.start(files)
  const once = ['trouble a', 'refused b', 'removed b', 'inserted c']
  t.strictSame(said, once)
  const keptAlive = setInterval(() => {}, 1_000)
  await done.promise
  clearInterval(keptAlive)
  await left.close()
  t.strictSame(said, [...once, 'inserted a'])
})
