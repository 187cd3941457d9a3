import pino from 'pino'
import t from 'tap'
import { tapLines, type LineReader } from '../../lib/logs/tap-lines.ts'
import { captureLog } from '../fixtures/log-lines.ts'

interface Reading extends LineReader {
  readonly lines: string[]
  flushes: number
}

function reading (): Reading {
  return {
    lines: [],
    flushes: 0,
    read (line) { this.lines.push(line) },
    flush () { this.flushes++ }
  }
}

t.test('every line as it is written, of the logger and its children', async t => {
  const log = captureLog()
  const logger = pino({ base: null, timestamp: false }, log.stream)
  const reader = reading()
  tapLines(logger, {}, () => reader)
  logger.info('a')
  logger.child({ sub: 1 }).child({ n: 2 }).warn({ x: true }, 'b')
  t.strictSame(reader.lines, ['{"level":30,"msg":"a"}\n', '{"level":40,"sub":1,"n":2,"x":true,"msg":"b"}\n'])
  t.equal(log.lines.length, 2, 'the log itself is as it was')
})

t.test('applications that share a logger read each line once for a target, until the last of them is done', async t => {
  const logger = pino({}, captureLog().stream)
  const target = {}
  const reader = reading()
  const other = reading()
  const undo = tapLines(logger, target, () => reader)!
  const undoSecond = tapLines(logger, target, () => { throw new Error('it has a reader') })!
  tapLines(logger, {}, () => other)
  logger.info('a')
  undo()
  logger.info('b')
  undoSecond()
  t.equal(reader.flushes, 2)
  logger.info('c')
  t.equal(reader.lines.length, 2)
  t.equal(other.lines.length, 3)
})

t.test('what a hook of the user\'s leaves is read, as a line', async t => {
  const logger = pino({ base: null, timestamp: false, hooks: { streamWrite: text => text.replace('secret', '******').trimEnd() } }, { write () {} })
  const reader = reading()
  tapLines(logger, {}, () => reader)
  logger.info('secret')
  t.strictSame(reader.lines, ['{"level":30,"msg":"******"}\n'])
})

t.test('a line that a hook of the user\'s drops is none', async t => {
  const logger = pino({ hooks: { streamWrite: () => '' } }, { write () {} })
  const reader = reading()
  tapLines(logger, {}, () => reader)
  logger.info('line')
  t.strictSame(reader.lines, [])
})

t.test('a reader that throws hurts neither the line nor the other readers', async t => {
  const log = captureLog()
  const logger = pino({}, log.stream)
  tapLines(logger, {}, () => ({ read () { throw new Error('no') }, flush () {} }))
  const reader = reading()
  tapLines(logger, {}, () => reader)
  logger.info('line')
  t.equal(log.lines.length, 1)
  t.equal(reader.lines.length, 1)
})

t.test('no logger of pino', async t => {
  t.equal(tapLines(console, {}, () => { throw new Error('not opened') }), undefined)
})
