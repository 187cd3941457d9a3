import { ROOT_CONTEXT, context, createContextKey, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { freeGlobals, setFreeGlobals, type GlobalParts } from '../../lib/runtime/globals.ts'

const FREE = { traces: true, metrics: true, context: true, propagation: true }
const TAKEN = { traces: false, metrics: false, context: false, propagation: false }

function parts (): GlobalParts {
  return {
    tracerProvider: new TracerProvider({ spanProcessors: [] }),
    meterProvider: new MeterProvider(),
    contextManager: new AsyncLocalStorageContextManager().enable(),
    propagator: new W3CTraceContextPropagator()
  }
}

t.afterEach(() => {
  trace.disable()
  metrics.disable()
  context.disable()
  propagation.disable()
})

t.test('nobody has set any', async t => {
  t.strictSame(freeGlobals(), FREE)
  t.strictSame(freeGlobals(), FREE, 'asking changes nothing')
})

t.test('all are set where they are free, and given back', async t => {
  const own = parts()
  const takeBack = setFreeGlobals(own, freeGlobals())
  t.strictSame(freeGlobals(), TAKEN)
  t.equal(metrics.getMeterProvider(), own.meterProvider)
  t.strictSame(propagation.fields(), ['traceparent', 'tracestate'])
  const key = createContextKey('x')
  t.equal(context.with(ROOT_CONTEXT.setValue(key, 1), () => context.active().getValue(key)), 1)
  t.equal(trace.getTracer('x').startSpan('a').isRecording(), new TracerProvider({ spanProcessors: [] }).getTracer('x').startSpan('a').isRecording())
  takeBack()
  t.strictSame(freeGlobals(), FREE)
})

const foreign: Record<keyof typeof FREE, () => void> = {
  traces: () => { trace.setGlobalTracerProvider(parts().tracerProvider) },
  metrics: () => { metrics.setGlobalMeterProvider(parts().meterProvider) },
  context: () => { context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()) },
  propagation: () => { propagation.setGlobalPropagator(new W3CBaggagePropagator()) }
}

for (const name of Object.keys(FREE) as Array<keyof typeof FREE>) {
  t.test(`${name} of the application's own: found, left alone, and still there afterwards`, async t => {
    foreign[name]()
    const free = freeGlobals()
    t.strictSame(free, { ...FREE, [name]: false })
    const takeBack = setFreeGlobals(parts(), free)
    t.strictSame(freeGlobals(), TAKEN)
    if (name === 'propagation') t.strictSame(propagation.fields(), ['baggage'])
    takeBack()
    t.strictSame(freeGlobals(), { ...FREE, [name]: false })
  })
}

t.test('without a propagator that global stays free', async t => {
  const takeBack = setFreeGlobals({ ...parts(), propagator: undefined }, freeGlobals())
  t.strictSame(freeGlobals(), { ...TAKEN, propagation: true })
  takeBack()
})
