import t from 'tap'
import { HeldBytes } from '../../../lib/backend/otlp/held-bytes.ts'

t.test('requests hold no more together than they may, and one that is alone what it needs', async t => {
  const bytes = new HeldBytes(100)
  const first = bytes.open()
  first.take(150)
  t.equal(bytes.total, 150)
  const second = bytes.open()
  second.take(0)
  t.throws(() => { second.take(1) }, { message: /too much waits/ })
  first.take(10)
  first.give(100)
  second.take(40)
  t.throws(() => { first.take(1) }, { message: /too much waits/ })
  t.equal(bytes.total, 100)
  first.end()
  t.equal(bytes.total, 40)
  t.throws(() => { first.take(1) }, { message: /the client has left/ }, 'one that has ended holds nothing again')
  first.give(1)
  first.end()
  second.give(50)
  t.equal(bytes.total, 0, 'no more is given back than was taken')
})
