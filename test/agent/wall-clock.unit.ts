import t from 'tap'
import { WallClock } from '../../lib/agent/wall-clock.ts'

const EPOCH = 1_790_000_000_000_000_000n
const UP = 5_000_000_000n

/** Both clocks of a machine whose time is known to the nanosecond; each reading of one takes 200 ns. */
class Machine {
  wall = EPOCH
  monotonic = UP

  pass (nanoseconds: bigint): void {
    this.wall += nanoseconds
    this.monotonic += nanoseconds
  }

  /** @param off nanoseconds by which the process was wrong at its start */
  clock (off = 0n): WallClock {
    return new WallClock(
      () => { this.pass(200n); return Number(this.wall / 1_000_000n) },
      () => { this.pass(200n); return this.monotonic },
      Number((this.wall + off) / 1_000n) / 1e3)
  }
}

function away (machine: Machine, clock: WallClock): number {
  const { wall, monotonic } = clock.now()
  t.equal(monotonic, machine.monotonic)
  return Math.abs(Number(wall - machine.wall))
}

t.test('it is right to the microsecond from the first time on', t => {
  const machine = new Machine()
  const clock = machine.clock()
  for (let turn = 0; turn < 100; turn++) {
    machine.pass(1_234_567n)
    t.ok(away(machine, clock) < 1_000)
  }
  t.end()
})

t.test('a start that was off by less than a millisecond is narrowed down', t => {
  for (const off of [900_000n, -900_000n]) {
    const machine = new Machine()
    const clock = machine.clock(off)
    for (let turn = 0; turn < 300; turn++) {
      machine.pass(1_037_001n)
      t.ok(away(machine, clock) < 1_000_000, 'never as much as a millisecond')
    }
    t.ok(away(machine, clock) < 10_000, 'in the end a few microseconds')
  }
  t.end()
})

t.test('a clock that is set, either way, is followed at once', t => {
  const machine = new Machine()
  const clock = machine.clock()
  clock.now()
  for (const step of [3_600_000_000_000n, -7_200_000_000_000n]) {
    machine.wall += step
    t.ok(away(machine, clock) < 1_000_000)
  }
  t.end()
})

t.test('of this machine: within the millisecond that the system tells', t => {
  const clock = new WallClock()
  let fractions = 0
  for (let turn = 0; turn < 10_000; turn++) {
    const before = BigInt(Date.now()) * 1_000_000n
    const { wall } = clock.now()
    const after = BigInt(Date.now() + 2) * 1_000_000n
    if (wall < before || wall >= after) throw new Error(`${before} ${wall} ${after}`)
    if (wall % 1_000_000n !== 0n) fractions++
  }
  t.ok(fractions > 9_900, 'not in whole milliseconds')
  t.end()
})
