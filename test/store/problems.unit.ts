import t from 'tap'
import { Problems } from '../../lib/store/problems.ts'

function listen () {
  const told: string[] = []
  const clock = { now: 0 }
  return { told, clock, problems: new Problems(problem => { told.push(problem) }, () => clock.now) }
}

t.test('what stays is told once', async t => {
  const { told, clock, problems } = listen()
  for (; clock.now < 3_600_000; clock.now += 5_000) problems.tell('away')
  t.strictSame(told, ['away'])
})

t.test('what comes back after it was over is told again, but not all the time', async t => {
  const { told, clock, problems } = listen()
  problems.tell('away')
  for (clock.now = 1_000; clock.now < 60_000; clock.now += 1_000) {
    problems.over('a')
    problems.tell('away')
  }
  t.equal(told.length, 1)
  clock.now = 60_000
  problems.tell('away')
  problems.tell('away')
  t.equal(told.length, 2, 'also where it came back earlier, and stayed')
  clock.now = 600_000
  problems.tell('away')
  t.equal(told.length, 2)
})

t.test('that a table is well says nothing of another', async t => {
  const { told, clock, problems } = listen()
  problems.tell('a is ill', 'a')
  problems.over('b')
  clock.now = 60_000
  problems.tell('a is ill', 'a')
  t.equal(told.length, 1)
  problems.over('a')
  problems.tell('a is ill', 'a')
  t.equal(told.length, 2)
})

t.test('it stays bounded, and makes room for what is new', async t => {
  const { told, clock, problems } = listen()
  for (let n = 0; n < 1_000; n++) problems.tell(`problem ${n}`)
  t.equal(told.length, 100)
  problems.over('a')
  problems.tell('too soon')
  clock.now = 60_000
  problems.tell('new')
  t.strictSame(told.slice(100), ['new'])
})

t.test('a listener that throws keeps nobody from his work', async t => {
  let told = 0
  const problems = new Problems(() => {
    told += 1
    throw new Error('a listener')
  })
  problems.tell('one')
  problems.tell('two', 'table')
  t.equal(told, 2)
})
