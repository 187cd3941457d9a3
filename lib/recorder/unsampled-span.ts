import { TraceFlags, type Span, type SpanContext, type TraceState } from '@opentelemetry/api'
import type { SpanIds } from './span-ids.ts'

/** A span that records nothing and only carries its trace on. Its ids become text when they are first asked for. */
export class UnsampledSpan implements Span {
  readonly ids: SpanIds
  readonly traceFlags = TraceFlags.NONE
  readonly traceState: TraceState | undefined
  #spanContext: SpanContext | undefined

  constructor (ids: SpanIds, traceState: TraceState | undefined) {
    this.ids = ids
    this.traceState = traceState
  }

  spanContext (): SpanContext {
    if (this.#spanContext === undefined) {
      const { ids: { traceId, spanId }, traceFlags, traceState } = this
      this.#spanContext = traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState }
    }
    return this.#spanContext
  }

  isRecording (): boolean { return false }
  setAttribute (): this { return this }
  setAttributes (): this { return this }
  addEvent (): this { return this }
  addLink (): this { return this }
  addLinks (): this { return this }
  setStatus (): this { return this }
  updateName (): this { return this }
  recordException (): void {}
  end (): void {}
}
