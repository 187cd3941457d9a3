import { once } from 'node:events'
import t from 'tap'
import { Reporter } from '../../lib/runtime/reporter.ts'

t.test('each problem is said once, to the listener that is first', async t => {
  const { addListener, report, reporter } = fresh()
  const first: string[] = []
  const second: string[] = []
  const leave = addListener(problem => { first.push(problem) })
  addListener(problem => { second.push(problem) })
  report('a')
  report('b')
  report('a')
  t.strictSame([first, second], [['a', 'b'], []])
  leave()
  report('a')
  reporter.report('c')
  t.strictSame([first, second], [['a', 'b'], ['c']])
})

t.test('without a listener it is a warning of the process', async t => {
  const warned = once(process, 'warning')
  fresh().report('nobody listens')
  const [warning] = await warned
  t.match(warning, { name: 'LettaOtelWarning', message: 'nobody listens' })
})

t.test('what is no affair of a listener is a warning of the process, and said once too', async t => {
  const { addListener, report, reporter } = fresh()
  const told: string[] = []
  addListener(problem => { told.push(problem) })
  const warned = once(process, 'warning')
  reporter.warn('of nobody here')
  const [warning] = await warned
  t.match(warning, { name: 'LettaOtelWarning', message: 'of nobody here' })
  report('of nobody here')
  t.strictSame(told, [])
})

t.test('what may be said again is, to whoever listens', async t => {
  const { addListener, report, reporter } = fresh()
  const told: string[] = []
  addListener(problem => { told.push(problem) })
  for (const problem of ['a', 'a']) reporter.repeat(problem)
  for (const problem of ['a', 'a']) report(problem)
  t.strictSame(told, ['a', 'a', 'a'])
})

t.test('it stays bounded', async t => {
  const { addListener, report } = fresh()
  let said = 0
  addListener(() => { said++ })
  for (let n = 0; n < 1_000; n++) report(`problem ${n}`)
  t.equal(said, 100)
})

function fresh (): { reporter: Reporter, addListener: Reporter['addListener'], report: Reporter['report'] } {
  const reporter = new Reporter()
  return { reporter, addListener: listener => reporter.addListener(listener), report: reporter.report }
}
