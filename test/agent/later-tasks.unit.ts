import t from 'tap'
import { LaterTasks } from '../../lib/agent/later-tasks.ts'

t.test('one task a turn, in order; a fault leaves the others', async t => {
  const done: number[] = []
  const faults: unknown[] = []
  const tasks = new LaterTasks(fault => { faults.push(fault) })
  for (const n of [1, 2, 3]) tasks.add(() => { if (n === 2) throw new RangeError('two'); done.push(n) })
  t.strictSame(done, [])
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(done, [1])
  tasks.drain()
  t.strictSame(done, [1, 3])
  t.match(faults, [RangeError])
})

t.test('what waits is bounded: beyond, the oldest is done at once', async t => {
  let done = 0
  const tasks = new LaterTasks(() => {})
  for (let n = 0; n < 1_005; n++) tasks.add(() => { done++ })
  t.equal(done, 5)
  tasks.drain()
  t.equal(done, 1_005)
})

t.test('so is the memory that they hold', async t => {
  const done: number[] = []
  const tasks = new LaterTasks(() => {})
  const MEBIBYTE = 1024 * 1024
  tasks.add(() => { done.push(0) }, 40 * MEBIBYTE)
  tasks.add(() => { done.push(1) }, 24 * MEBIBYTE)
  t.strictSame(done, [])
  tasks.add(() => { done.push(2) }, 1)
  t.strictSame(done, [0], 'the oldest makes room')
  tasks.add(() => { done.push(3) }, 65 * MEBIBYTE)
  t.strictSame(done, [0, 1, 2, 3], 'and what is more than all room does not wait')
  tasks.add(() => { done.push(4) }, 64 * MEBIBYTE)
  t.equal(done.length, 4, 'what was done takes no room')
  tasks.drain()
  t.equal(done.length, 5)
})

t.test('a task in parts gives way to others', async t => {
  const done: string[] = []
  const tasks = new LaterTasks(() => {})
  const long = function * (): Generator<undefined> {
    for (let part = 0; part < 3; part++) {
      const until = performance.now() + 5
      while (performance.now() < until);
      yield
    }
    done.push('long')
  }
  tasks.add(long)
  tasks.add(() => { done.push('next') })
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(done, [], 'there was a turn for others')
  tasks.drain()
  t.strictSame(done, ['long', 'next'], 'in order')
})

t.test('who waits for all of it holds up nothing, and waits also for what it adds', async t => {
  const done: string[] = []
  const tasks = new LaterTasks(() => {})
  await tasks.done()
  tasks.add(() => {
    done.push('end')
    tasks.add(function * () {
      for (const part of ['first', 'second']) {
        const until = performance.now() + 5
        while (performance.now() < until);
        done.push(part)
        yield
      }
    })
  })
  tasks.add(() => { done.push('other') })
  setImmediate(() => { setImmediate(() => { done.push('somebody else') }) })
  await tasks.done()
  t.strictSame(done.filter(what => what !== 'somebody else'), ['end', 'other', 'first', 'second'])
  t.ok(done.indexOf('somebody else') < done.indexOf('second'), 'between two parts')
})
