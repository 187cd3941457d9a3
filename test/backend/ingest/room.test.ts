import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { Ingest } from '../../../lib/backend/ingest/ingest.ts'
import { otlpRoutes } from '../../../lib/backend/otlp/otlp-routes.ts'
import { loadReadOtlpJson } from '../../../lib/export/read-otlp-json.ts'
import type { EmbeddedSession } from '../../../lib/store/embedded-session.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const MEBIBYTE = 1024 * 1024

const LARGE = 'x'.repeat(MEBIBYTE)

/** Records that share a resource of a mebibyte, which stands in each of their rows; or three of them, in three columns. */
const mebibytes = (many: number, columns: 1 | 3 = 1): string => JSON.stringify({
  resourceLogs: [{
    resource: { attributes: [{ key: columns === 3 ? 'service.name' : 'large', value: { stringValue: LARGE } }] },
    scopeLogs: [{ scope: columns === 3 ? { name: LARGE } : {}, logRecords: Array.from({ length: many }, () => ({ timeUnixNano: '1' })) }]
  }]
})

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: { code?: number, message?: string }
}

/** An ingest behind its routes, on a socket, whose engine is as slow as it is told. */
async function served (t: Test) {
  const inserts: Array<PromiseWithResolvers<void>> = []
  const session = {
    run: async () => {
      const insert = Promise.withResolvers<void>()
      inserts.push(insert)
      await insert.promise
    },
    close: () => {}
  }
  const ingest = await Ingest.open(session as unknown as EmbeddedSession, { directory: temporaryDirectory(t), database: 'otel', onProblem: problem => { t.fail(problem) } })
  const app = fastify()
  await app.register(otlpRoutes, { ingest })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  let isQuick = false
  const quick = setInterval(() => { if (isQuick) for (const insert of inserts) insert.resolve() }, 5)
  t.teardown(async () => {
    isQuick = true
    await app.close()
    await ingest.close()
    clearInterval(quick)
  })
  return {
    ingest,
    /** The engine inserts what it has, and what comes. */
    hurry: async () => {
      isQuick = true
      await ingest.flush()
      isQuick = false
    },
    send: async (...what: Parameters<typeof mebibytes>): Promise<Answer> => {
      const sent = httpRequest(`${url}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })
      sent.end(gzipSync(mebibytes(...what)))
      const [response] = await once(sent, 'response')
      return { status: response.statusCode, retryAfter: response.headers['retry-after'], body: await json(response) as Answer['body'] }
    }
  }
}

t.test('rows that have no room beside others are put into the next block, or told to come back', async t => {
  const { ingest, send, hurry } = await served(t)
  t.equal((await send(10)).status, 200)
  t.equal((await send(120)).status, 200, 'it begins a block of its own')
  await hurry()
  t.equal((await send(20)).status, 200, 'a block that is full is inserted, which takes its time')
  t.equal((await send(50)).status, 200)
  t.match(await send(90), { status: 429, retryAfter: '1', body: { code: 8, message: /too much waits to be stored/ } })
  t.match(ingest.figures, { received: { logs: 200 }, refusedRequests: { logs: 1 } }, 'nothing of it was taken')
  await hurry()
  t.equal((await send(90)).status, 200, 'and then it is taken')
  await hurry()
  t.match(ingest.figures, { written: 290, waitingBytes: 0 })
})

t.test('rows that are too large by themselves are too large beside others', async t => {
  const { ingest, send } = await served(t)
  t.equal((await send(1)).status, 200)
  t.match(await send(200), { status: 413, retryAfter: undefined, body: { code: 11, message: /the rows of the request take more than/ } })
  t.match(await send(100, 3), { status: 413, retryAfter: undefined, body: { code: 11, message: /more than 268435456 bytes/ } }, 'all columns together, none of which is too large')
  t.match(ingest.figures, { received: { logs: 1 }, refusedRequests: { logs: 0 } })
})

t.test('what waits is bounded, whatever is being read when it becomes too much', async t => {
  const onProblem = (problem: string): void => { t.fail(problem) }
  const held = Promise.withResolvers<void>()
  const session = { run: async () => { await held.promise }, close: () => {} }
  const ingest = await Ingest.open(session as unknown as EmbeddedSession, { directory: temporaryDirectory(t), database: 'otel', maxWaitingBytes: 3 * MEBIBYTE, onProblem })
  const readJson = await loadReadOtlpJson()
  const request = readJson('logs', mebibytes(2))
  t.equal(ingest.isBehind, false)
  ingest.accept('logs', request)
  t.equal(ingest.isBehind, false)
  ingest.accept('logs', request)
  t.equal(ingest.isBehind, true)
  t.ok(ingest.waitingBytes > 4 * MEBIBYTE && ingest.waitingBytes < 5 * MEBIBYTE)
  const app = fastify()
  await app.register(otlpRoutes, { ingest })
  const answer = await app.inject({ method: 'POST', url: '/v1/logs', payload: '{}', headers: { 'content-type': 'application/json' } })
  t.match([answer.statusCode, answer.headers['retry-after']], [429, '1'])
  await app.close()
  held.resolve()
  await ingest.flush()
  t.strictSame([ingest.isBehind, ingest.waitingBytes], [false, 0])
  await ingest.close()
})
