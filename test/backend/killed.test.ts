import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { BlockFile } from '../../lib/backend/ingest/block-files.ts'
import { LeftFiles } from '../../lib/backend/ingest/left-files.ts'
import { libUrl } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runningBackend } from './running-backend.ts'

t.test('blocks that an earlier process left are inserted once, and what is broken is said', async t => {
  const path = temporaryDirectory(t)
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

t.test('a disk that takes a part of a block leaves no file of it', { skip: process.platform === 'win32' && 'Windows has no limit of file sizes' }, async t => {
  const directory = temporaryDirectory(t)
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
