import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { runCollector } from '../../lib/collector/launch.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { putProgram } from './programs.ts'

const run = async (source: string, words: string[] = [], env: Record<string, string> = {}): Promise<[code: number, signals: EventEmitter]> => {
  const signals = new EventEmitter()
  return [await runCollector(putProgram(join(t.testdirName, 'program'), source), words, env, signals), signals]
}
temporaryDirectory(t)

t.test('its exit code is the answer, and nobody listens for signals any more', async t => {
  for (const code of [0, 1, 7, 255]) {
    const [answer, signals] = await run(`#!/bin/sh\nexit ${code}\n`)
    t.equal(answer, code)
    t.strictSame(signals.eventNames(), [])
  }
})

t.test('a signal that ended it is one of the codes of shells', async t => {
  t.equal((await run('#!/bin/sh\nkill -9 $$\n'))[0], 137)
  t.equal((await run('#!/bin/sh\nkill -15 $$\n'))[0], 143)
})

t.test('words and environment are those that are given', async t => {
  t.equal((await run('#!/bin/sh\n[ "$1 $2" = "a b c" ] && [ "$MARK" = here ] && [ -z "$HOME" ]\n', ['a', 'b c'], { MARK: 'here' }))[0], 0)
  t.equal((await run('#!/bin/sh\n[ "$DD_API_KEY" = \'a$$b\' ]\n', [], { DD_API_KEY: 'a$b' }))[0], 0, 'as the collector reads it')
})

t.test('signals are passed on', async t => {
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129], ['SIGQUIT', 131]] as const) {
    const signals = new EventEmitter()
    const program = putProgram(join(temporaryDirectory(t), 'program'), '#!/bin/sh\nexec sleep 60\n')
    const ended = runCollector(program, [], {}, signals)
    signals.emit(signal, signal)
    t.equal(await ended, code, signal)
  }
})

t.test('a program that cannot be started', async t => {
  const signals = new EventEmitter()
  await t.rejects(runCollector(join(temporaryDirectory(t), 'missing'), [], {}, signals), { code: 'LETTA_OTEL_COLLECTOR_UNUSABLE', message: /ENOENT.*letta-otel collector install/ })
  t.strictSame(signals.eventNames(), [])
})
