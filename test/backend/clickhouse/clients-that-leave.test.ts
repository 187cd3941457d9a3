import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { ClickhouseServer } from '../../../lib/backend/clickhouse/clickhouse-server.ts'
import { Guard } from '../../../lib/backend/guard/guard.ts'
import type { EmbeddedSession } from '../../../lib/store/embedded-session.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const AT_A_TIME = 6

t.test('what nobody waits for any more is not begun', async t => {
  const ran: string[] = []
  const ended = Promise.withResolvers<void>()
  const full = Promise.withResolvers<void>()
  const run = async (sql: string): Promise<Uint8Array> => {
    const parsed = /^SELECT formatQuery\('(.*)'\)$/.exec(sql)?.[1]
    if (parsed !== undefined) return Buffer.from(parsed)
    if (sql.startsWith('SET ')) return Buffer.alloc(0)
    const [statement, path] = sql.split(/\nINTO OUTFILE '(.*)' FORMAT TabSeparated$/)
    ran.push(statement!)
    if (ran.length === AT_A_TIME) full.resolve()
    await ended.promise
    await writeFile(path!, 'answer')
    return Buffer.alloc(0)
  }
  const server = new ClickhouseServer({ guard: new Guard(), directory: temporaryDirectory(t), openSession: () => ({ run, close: () => {} }) as unknown as EmbeddedSession })
  await once(server.http.listen(0, '127.0.0.1'), 'listening')
  t.teardown(async () => { await server.close() })
  const { port } = server.http.address() as AddressInfo
  const ask = (sql: string): ClientRequest => httpRequest({ host: '127.0.0.1', port, method: 'POST', agent: false }).end(sql)
  const answered = async (asked: ClientRequest): Promise<number> => {
    const [response] = await once(asked, 'response') as [IncomingMessage]
    response.resume()
    return response.statusCode!
  }

  const busy = Array.from({ length: AT_A_TIME }, async (_, index) => await answered(ask(`SELECT ${index}`)))
  await full.promise
  // Whoever has a place in the queue is known by the end of its connection alone.
  const left = Promise.withResolvers<void>()
  server.http.once('request', (_request, response) => { response.once('close', () => { left.resolve() }) })
  const cut = ask('INSERT INTO t SELECT 1')
  cut.on('error', () => {})
  await once(cut, 'finish')
  cut.destroy()
  await left.promise
  const last = answered(ask('SELECT 100'))
  ended.resolve()
  t.strictSame(await Promise.all(busy), Array(AT_A_TIME).fill(200))
  t.equal(await last, 200)
  t.strictSame(ran.sort(), ['SELECT 0', 'SELECT 1', 'SELECT 100', 'SELECT 2', 'SELECT 3', 'SELECT 4', 'SELECT 5'])
})
