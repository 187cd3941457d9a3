/**
 * Random programs of calls to spans: what the fast engine writes of them has to be valid protobuf each time.
 * `node test/faults/programs.ts <count> <seed>`; with the same numbers, the same programs.
 *
 * To draw each program with fast-check would take ten times as long as to run it. Its parts are drawn so, a thousand
 * spans and eight thousand calls at a time, and put together anew for each program.
 */
import fc from 'fast-check'
import { ok, strictEqual } from 'node:assert'
import { constants, setPriority } from 'node:os'
import { call, limits, span, withFastEngine, type Program } from '../recorder/span-programs.ts'

/** Programs that are put together from the same parts. */
const PROGRAMS_A_POOL = 50_000
const SPANS_MAX = 5
const CALLS_MAX = 8

const [count = 1_000, seed = 1] = process.argv.slice(2).map(Number)
// What runs beside this measures time.
setPriority(constants.priority.PRIORITY_LOW)
let checked = 0
let fault: unknown
try {
  while (checked < count) {
    const pool = seed + checked
    const draw = drawer(pool)
    for (let end = Math.min(checked + PROGRAMS_A_POOL, count); checked < end; checked++) check(draw())
  }
} catch (problem) {
  fault = problem
}
const result = `${count} random span programs are valid protobuf (seed ${seed})`
console.log(fault === undefined ? `ok 1 - ${result}` : `not ok 1 - ${result}\n  program ${checked + 1}: ${String(fault)}`)
console.log(fault === undefined ? '# { total: 1, pass: 1 }' : '# { total: 1, fail: 1 }')
process.exitCode = fault === undefined ? 0 : 1

/** @throws where a decoder finds something else than the spans that were ended */
function check (program: Program): void {
  const spans = withFastEngine(program)
  strictEqual(spans.length, program.spans.length, 'spans')
  for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano, name } of spans) {
    ok(traceId.length === 32 && spanId.length === 16 && typeof name === 'string', 'ids and name')
    ok(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano), 'an end that is not before the start')
  }
}

/** @returns what gives one program after the other */
function drawer (poolSeed: number): () => Program {
  const sample = <Part>(part: fc.Arbitrary<Part>, numRuns: number): Part[] => fc.sample(part, { numRuns, seed: poolSeed })
  const spans = sample(span, 1_000)
  const calls = sample(call, 8_000)
  const allLimits = sample(limits, 100)
  const below = randomBelow(poolSeed)
  const one = <Part>(parts: readonly Part[]): Part => parts[below(parts.length)] as Part
  const some = <Part>(parts: readonly Part[], max: number): Part[] => Array.from({ length: below(max + 1) }, () => one(parts))
  return () => ({
    limits: one(allLimits),
    spans: some(spans, SPANS_MAX).map(given => ({ ...given, calls: some(calls, CALLS_MAX) }))
  })
}

/** Mulberry32: enough to choose parts, and the same each time. */
function randomBelow (start: number): (limit: number) => number {
  let state = start
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit)
  }
}
