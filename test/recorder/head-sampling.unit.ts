import { ROOT_CONTEXT, SpanKind, TraceFlags, createContextKey } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import fc from 'fast-check'
import t from 'tap'
import { PARENT_BASED_ALWAYS_ON, decide, isWithinRatio, type Decision, type HeadSampling } from '../../lib/recorder/head-sampling.ts'
import { SpanIds } from '../../lib/recorder/span-ids.ts'
import { REQUEST_SAMPLING_KEY, type RequestSampling } from '../../lib/vocabulary/sampling.ts'

const word = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff))
const ids = fc.tuple(word, word, word, word)
  .map(words => words.map(one => one.toString(16).padStart(8, '0')).join(''))
  .filter(traceId => !/^0+$/.test(traceId))
  .map(traceId => SpanIds.of({ traceId, spanId: '1'.repeat(16) }))
const ratio = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5, 0.1, 1e-9, 1 - 1e-9, Number.MIN_VALUE))

t.test('a ratio decides by the trace id exactly as the SDK does', async t => {
  fc.assert(fc.property(ids, ratio, (ids, ratio) => {
    const { decision } = new TraceIdRatioBasedSampler(ratio).shouldSample(ROOT_CONTEXT, ids.traceId)
    return isWithinRatio(ids, ratio) === (decision === SamplingDecision.RECORD_AND_SAMPLED)
  }), { numRuns: 20_000 })
  t.pass()
})

const SOME = SpanIds.of({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' })
const NEVER: HeadSampling = { ratio: 0, followsParent: true, routesDecide: true }
const OFF: HeadSampling = { ratio: 0, followsParent: false, routesDecide: false }

function decision (head: HeadSampling, sampling: Partial<RequestSampling> | undefined, flags?: number, kind = SpanKind.SERVER): string {
  const context = sampling === undefined ? ROOT_CONTEXT : ROOT_CONTEXT.setValue(createContextKey(REQUEST_SAMPLING_KEY), sampling)
  const { sampled, recorded }: Decision = decide(head, kind, context, SOME, flags === undefined ? undefined : { traceFlags: flags })
  return sampled ? 'sampled' : recorded ? 'recorded' : 'dropped'
}

t.test('a route\'s ratio decides where a trace begins; its caller where there is one', async t => {
  t.equal(decision(PARENT_BASED_ALWAYS_ON, { ratio: 0 }), 'dropped')
  t.equal(decision(PARENT_BASED_ALWAYS_ON, { ratio: 0 }, TraceFlags.SAMPLED), 'sampled')
  t.equal(decision(NEVER, { ratio: 1 }), 'sampled')
  t.equal(decision(NEVER, { ratio: 1 }, TraceFlags.NONE), 'dropped')
  t.equal(decision({ ...NEVER, ratio: 1, followsParent: false }, { ratio: 1 }, TraceFlags.NONE), 'dropped', 'also where the process does not follow callers')
})

t.test('switched off stays off', async t => {
  t.equal(decision(OFF, { ratio: 1 }), 'dropped')
  t.equal(decision(OFF, { ratio: 1 }, TraceFlags.SAMPLED), 'dropped')
  t.equal(decision({ ...OFF, followsParent: true }, { ratio: 1 }), 'dropped')
  t.equal(decision({ ...OFF, followsParent: true }, { ratio: 0 }, TraceFlags.SAMPLED), 'sampled')
})

t.test('what is not sampled is recorded where a route asks for it', async t => {
  t.equal(decision(NEVER, { recordUnsampled: true }), 'recorded')
  t.equal(decision(OFF, { recordUnsampled: true, ratio: 1 }), 'recorded')
  t.equal(decision(PARENT_BASED_ALWAYS_ON, { recordUnsampled: true }, TraceFlags.NONE), 'recorded')
  t.equal(decision(PARENT_BASED_ALWAYS_ON, { recordUnsampled: true }), 'sampled')
})

t.test('only server spans are asked about', async t => {
  t.equal(decision(NEVER, { ratio: 1, recordUnsampled: true }, undefined, SpanKind.INTERNAL), 'dropped')
})
