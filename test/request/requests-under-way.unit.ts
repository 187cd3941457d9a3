import t from 'tap'
import type { RequestRecord } from '../../lib/request/request-record.ts'
import { RequestsUnderWay } from '../../lib/request/requests-under-way.ts'

function record (method: string, reply?: { headersSent: boolean, contentType: string }): RequestRecord {
  return {
    facts: { method },
    scheme: 'http',
    reply: reply === undefined ? undefined : { raw: { headersSent: reply.headersSent }, getHeader: () => reply.contentType }
  } as unknown as RequestRecord
}

const methods = (requests: RequestsUnderWay): string[] => [...requests].map(({ method }) => method)

t.test('requests end in any order', async t => {
  const orders = [['A', 'B', 'C'], ['A', 'C', 'B'], ['B', 'A', 'C'], ['B', 'C', 'A'], ['C', 'A', 'B'], ['C', 'B', 'A']]
  for (const order of orders) {
    const requests = new RequestsUnderWay()
    const records = new Map(['A', 'B', 'C'].map(name => [name, record(name)]))
    for (const one of records.values()) requests.add(one)
    t.strictSame(methods(requests), ['C', 'B', 'A'])
    const left = ['C', 'B', 'A']
    for (const name of order) {
      const ended = records.get(name) as RequestRecord
      requests.remove(ended)
      left.splice(left.indexOf(name), 1)
      t.strictSame(methods(requests), left, `${order.join()}: without ${name}`)
      t.strictSame([ended.before, ended.after], [undefined, undefined], 'keeps no other request')
      requests.remove(ended)
      t.strictSame(methods(requests), left, 'once is enough')
    }
  }
})

t.test('a request that was never added changes nothing', async t => {
  const requests = new RequestsUnderWay()
  requests.remove(record('GET'))
  requests.add(record('PUT'))
  requests.remove(record('GET'))
  t.strictSame(methods(requests), ['PUT'])
})

t.test('an event stream is one when its head was sent', async t => {
  const requests = new RequestsUnderWay()
  requests.add(record('GET'))
  requests.add(record('GET', { headersSent: false, contentType: 'text/event-stream' }))
  requests.add(record('GET', { headersSent: true, contentType: 'text/event-stream; charset=utf-8' }))
  requests.add(record('GET', { headersSent: true, contentType: 'application/json' }))
  t.strictSame([...requests].map(({ isEventStream }) => isEventStream), [false, true, false, false])
})
