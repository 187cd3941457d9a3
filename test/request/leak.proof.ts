import { connect } from 'node:net'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { setContextAttributes } from '../../lib/index.ts'
import { observedApp } from './observed-app.ts'

const ROUNDS = 10
const CONNECTIONS = 10
const REQUESTS = 1_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapUsed (): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

async function burst (port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  let answers = 0
  let rest = ''
  socket.on('data', chunk => {
    const parts = (rest + String(chunk)).split('HTTP/1.1 ')
    answers += parts.length - 1
    rest = (parts.at(-1) ?? '').slice(-8)
    if (answers >= REQUESTS) socket.end()
  })
  socket.write('GET /agents/agent-1?page=2 HTTP/1.1\r\nHost: localhost\r\nx-agent-id: agent-1\r\n\r\n'.repeat(REQUESTS))
  await once(socket, 'close')
}

t.test('100,000 requests leave nothing behind', { timeout: 120_000 }, async t => {
  const { port } = await observedApp(t, app => {
    app.get('/agents/:agent_id', async request => {
      setContextAttributes({ 'project.id': 'project-1' })
      await Promise.resolve()
      request.telemetry.addAttribute('answered', true)
      return 'ok'
    })
  })
  const heaps: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => { await burst(port) }))
    heaps.push(heapUsed())
  }
  // The first rounds warm caches and compilers up.
  const growth = (heaps.at(-1) as number) - (heaps[3] as number)
  t.comment(`heap after each 10,000 requests, MB: ${heaps.map(heap => (heap / 1e6).toFixed(1)).join(' ')}`)
  t.ok(growth < 1_000_000, `the heap grew by ${growth} bytes over the last 60,000 requests`)
})
