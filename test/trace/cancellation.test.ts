import Anthropic from '@anthropic-ai/sdk'
import Fastify from 'fastify'
import { Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import OpenAI from 'openai'
import t from 'tap'
import lettaOtel, { traceMethod } from '../../lib/index.ts'
import { finishedSpans } from '../../lib/testing.ts'
import type { FinishedSpan } from '../../lib/runtime/memory-destination.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

interface Line { fields: Record<string, unknown>, message: string }

function logger (): { lines: Line[], error: (fields: object, message: string) => void } {
  const lines: Line[] = []
  return { lines, error (fields, message) { lines.push({ fields: fields as Record<string, unknown>, message }) } }
}

function exceptionOf ([span]: FinishedSpan[]): Record<string, unknown> {
  t.equal(span?.status.code, 'ERROR')
  t.equal(span?.events.length, 1)
  return span?.events[0]?.attributes ?? {}
}

t.test('an abort: which function, where, when; and a line of log', async t => {
  const spans = recordSpans(t)
  const log = logger()
  const controller = new AbortController()
  const wait = traceMethod(async function wait (ms: number, options: { signal: AbortSignal }) { await setTimeout(ms, undefined, options) },
    { module: 'agents/wait', logger: log })
  const before = Date.now()
  const waiting = wait(60_000, { signal: controller.signal })
  controller.abort()
  const error = await waiting.catch((error: unknown) => error)
  const attributes = exceptionOf(await spans())
  t.match(attributes, {
    'exception.type': 'AbortError', 'task.name': 'agents/wait.wait', 'function.name': 'wait', 'function.module': 'agents/wait', 'exception.message': /aborted/
  })
  const timestamp = String(attributes['cancellation.timestamp'])
  t.equal(new Date(timestamp).toISOString(), timestamp)
  t.ok(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now())
  t.match(log.lines, [{ message: 'agents/wait.wait was cancelled', fields: { err: error, 'function.name': 'wait', 'function.module': 'agents/wait' } }])
  t.equal(log.lines.length, 1)
})

t.test('the reason of a signal among the arguments', async t => {
  const spans = recordSpans(t)
  const log = logger()
  const work = traceMethod(async (signal: AbortSignal) => { signal.throwIfAborted() }, { logger: log })
  const reason = new RangeError('the user left')
  await t.rejects(work(AbortSignal.abort(reason)), reason)
  t.match(exceptionOf(await spans()), { 'exception.type': 'RangeError', 'task.name': 'anonymous', 'cancellation.timestamp': String })
  await t.rejects(work(AbortSignal.abort('a text')))
  t.match(exceptionOf(await spans()), { 'exception.type': 'string', 'exception.message': 'a text', 'cancellation.timestamp': String })
  t.equal(log.lines.length, 2)

  const timed = traceMethod(async ({ signal }: { signal: AbortSignal }) => { signal.throwIfAborted() }, { logger: log })
  const signal = AbortSignal.timeout(1)
  await setTimeout(20)
  await t.rejects(timed({ signal }), { name: 'TimeoutError' })
  t.match(exceptionOf(await spans()), { 'exception.type': 'TimeoutError', 'cancellation.timestamp': String })
})

t.test('the class of a provider\'s client for it', async t => {
  const spans = recordSpans(t)
  for (const aborted of [new OpenAI.APIUserAbortError(), new Anthropic.APIUserAbortError()]) {
    t.throws(traceMethod(() => { throw aborted }), aborted)
    t.match(exceptionOf(await spans()), { 'exception.type': 'APIUserAbortError', 'cancellation.timestamp': String })
  }
})

t.test('what an error quotes of a secret is not recorded', async t => {
  const spans = recordSpans(t)
  const key = 'sk-abcdefghijklmnopqrstuv'
  for (const thrown of [new Error(`Incorrect API key provided: ${key}`), `no ${key}`, new Error(`${'x'.repeat(4_090)} ${key}`), new Error('postgres://app:hunter2@db is down')]) {
    try { traceMethod((): never => { throw thrown })() } catch (error) { t.equal(error, thrown) }
    const [span] = await spans()
    const exception = exceptionOf([span!])
    t.match(exception['exception.message'], /REDA/)
    t.notMatch(JSON.stringify([span!.status, exception]), /sk-a|hunter2/)
  }
})

t.test('other errors are none, and a logger that throws is nobody\'s problem', async t => {
  const spans = recordSpans(t)
  const log = logger()
  const work = traceMethod(async (_signal: AbortSignal | undefined) => { throw new Error('other') }, { logger: log })
  for (const signal of [undefined, AbortSignal.abort(), new AbortController().signal]) {
    await t.rejects(work(signal), new Error('other'))
    t.notOk('cancellation.timestamp' in exceptionOf(await spans()))
  }
  t.strictSame(log.lines, [])
  const aborted = (): never => { throw new DOMException('stop', 'AbortError') }
  t.throws(traceMethod(aborted, { logger: { error () { throw new Error('log is full') } } }), { name: 'AbortError' })
  t.match(exceptionOf(await spans()), { 'exception.type': 'AbortError', 'exception.message': 'stop' })
  t.throws(traceMethod(aborted), { name: 'AbortError' }, 'without a logger')
})

t.test('errors that resist', async t => {
  const spans = recordSpans(t)
  class Strange extends Error {
    override get name (): string { throw new Error('no name') }
    override get message (): string { throw new Error('no message') }
    override get stack (): string { throw new Error('no stack') }
  }
  for (const thrown of [new Strange(), undefined, null, Symbol('s'), new Proxy({}, { get () { throw new Error('trap') } }), { message: 'x' }, Object.assign(new Error('y'.repeat(10_000)))]) {
    let caught: unknown = 'nothing'
    try { traceMethod((): never => { throw thrown })() } catch (error) { caught = error }
    t.equal(caught, thrown)
    t.ok(String(exceptionOf(await spans())['exception.message']).length <= 4_096)
  }
})

t.test('within a request the line is one of the request', async t => {
  const lines: string[] = []
  const stream = new Writable({ write (chunk, _encoding, done) { lines.push(String(chunk)); done() } })
  const app = Fastify({ logger: { stream }, disableRequestLogging: true })
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false })
  const stop = traceMethod(async function stop () { throw new DOMException('stopped', 'AbortError') })
  app.get('/', async () => { await stop().catch(() => {}); return 'ok' })
  await app.inject({ url: '/', headers: { 'x-organization-id': 'org-1' } })
  const line = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>
  const span = finishedSpans().find(({ name }) => name === 'stop')!
  t.match(line, { level: 50, msg: 'stop was cancelled', reqId: 'req-1', org_id: 'org-1', trace_id: span.traceId, 'function.name': 'stop', err: { message: 'stopped' } })
  t.equal(finishedSpans().find(({ name }) => name === 'GET /')?.spanId, span.parentSpanId)
})
