import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { startProgram } from '../backend-process.ts'

const MEBIBYTE = 1024 * 1024
const ANSWER_MAX = 256 * MEBIBYTE

const path = temporaryDirectory(t)
const { child, clickhouseUrl } = await startProgram(t, ['--data', path])

interface Answered {
  readonly status: number
  readonly code: string | null
  readonly bytes: number
  /** How it begins. */
  readonly text: string
}

async function ask (sql: string, search = ''): Promise<Answered> {
  const response = await fetch(`${clickhouseUrl}/${search}`, { method: 'POST', body: sql })
  let bytes = 0
  let text = ''
  for await (const chunk of response.body!) {
    bytes += (chunk as Uint8Array).length
    if (text.length < 300) text += Buffer.from(chunk as Uint8Array).toString('utf8', 0, 300)
  }
  return { status: response.status, code: response.headers.get('x-clickhouse-exception-code'), bytes, text }
}

async function peakBytes (): Promise<number> {
  return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))![1]) * 1024
}

const constant = (rows: number): string => `SELECT repeat('y', 1023) FROM numbers(${rows})`

t.test('an answer has 256 MiB at most, whatever the engine counts of it', async t => {
  t.match(await ask(constant(ANSWER_MAX / 1024)), { status: 200, bytes: ANSWER_MAX }, 'as many as may be')
  const statements = [
    constant(ANSWER_MAX / 1024 + 1),
    constant(100_000_000),
    `${constant(100_000_000)} FORMAT JSON`,
    `${constant(100_000_000)} SETTINGS max_threads = 2 FORMAT CSVWithNames`,
    `WITH 1 AS one SELECT one AS ${'long_'.repeat(50)} FROM numbers(100000000) FORMAT JSONEachRow SETTINGS max_block_size = 10000`
  ]
  for (const sql of statements) t.match(await ask(sql), { status: 500, code: '396', text: /max bytes: the answer has more than 268435456/ }, sql.slice(0, 100))
  t.equal((await ask('SELECT 1')).text, '1\n')
})

t.test('many of them at a time are refused one by one, and take little memory and no room', async t => {
  const answers = await Promise.all(Array.from({ length: 12 }, async () => await ask(constant(100_000_000))))
  t.strictSame(answers.map(({ code }) => code), Array(12).fill('396'))
  // The engine alone may have 2 GiB; it had all of them, and Node three more.
  if (process.platform === 'linux') t.ok(await peakBytes() < 2_500 * MEBIBYTE, `${await peakBytes()} bytes`)
  t.strictSame((await readdir(join(path, 'incoming'))).filter(name => name.startsWith('answer-')), [], 'no file is left')
})

t.test('what an answer is made of is not changed by its way', async t => {
  t.equal((await ask("SELECT 'a FORMAT TSV' AS x FORMAT JSONEachRow SETTINGS max_threads = 1")).text, '{"x":"a FORMAT TSV"}\n')
  t.equal((await ask('SELECT 1 UNION ALL SELECT 1 SETTINGS max_threads = 1', '?default_format=CSVWithNames')).text, '"1"\n1\n1\n')
  t.equal((await ask('SELECT 1 WHERE 0')).text, '')
  t.equal((await ask('SELECT 1 FORMAT Null')).text, '')
  t.match(await ask('SELECT number FROM numbers(10)', `?default_format=${encodeURIComponent('TSV SETTINGS max_execution_time = 0')}`), { code: '73' })
  const failed = await ask('SELECT throwIf(number = 100000) FROM numbers(1000000)')
  t.match(failed, { code: '395' })
  t.notMatch(failed.text, path, 'where files are is not told')
})
