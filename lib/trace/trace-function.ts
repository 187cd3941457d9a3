import { TraceFlags, context, trace, type Context, type Span } from '@opentelemetry/api'
import { currentOrganization } from '../ambient/organization.ts'
import { contextWithSpan } from '../ambient/request-context.ts'
import { ATTR_ORGANIZATION_ID } from '../vocabulary/context.ts'
import { CurrentTracer } from './current-tracer.ts'
import { observeResult } from './observe-result.ts'
import { ParameterRecorder, type ParameterSettings } from './parameter-recorder.ts'
import { SpanName, type SpanNaming } from './span-name.ts'
import { TracedCall, type CallFacts } from './traced-call.ts'

export type AnyFunction = (this: any, ...args: any[]) => unknown

/** All that is known of a function before it is called. */
export interface TracedFunctionSettings extends SpanNaming, CallFacts {
  /** Nothing where parameters are not recorded. */
  readonly parameters: ParameterSettings | undefined
}

/** A function that does the same as `fn`, in a span. */
export function traceFunction (fn: AnyFunction, settings: TracedFunctionSettings): AnyFunction {
  const tracer = new CurrentTracer()
  const spanName = new SpanName(settings)
  const parameters = settings.parameters === undefined ? undefined : new ParameterRecorder(fn, settings.parameters)

  function begin (self: unknown, args: readonly unknown[], active: Context): TracedCall | Context {
    const name = spanName.of(self)
    const span = tracer.get().startSpan(name, undefined, active)
    if (!span.isRecording()) return decides(span, active) ? contextWithSpan(active, span) : active
    try {
      const organization = currentOrganization(active)
      if (organization !== undefined) span.setAttribute(ATTR_ORGANIZATION_ID, organization)
      parameters?.record(span, args)
    } catch {
      // What cannot be recorded is not: the method is called all the same.
    }
    return new TracedCall(span, name, contextWithSpan(active, span), settings, args)
  }

  /**
   * Whether spans inside a call are others for this one, which is not recorded: not where no SDK runs, or the span around the
   * call is not sampled either. To enter a context costs as much as all the rest.
   */
  function decides (span: Span, active: Context): boolean {
    const parent = trace.getSpan(active)
    if (parent === undefined) return tracer.beginsTrace(span)
    if (parent.isRecording()) return true
    const { traceFlags, isRemote } = parent.spanContext()
    return (traceFlags & TraceFlags.SAMPLED) !== 0 || isRemote === true
  }

  // As a method it has no prototype, and cannot be called with `new`, like most of what is traced.
  const { traced } = {
    traced (this: unknown, ...args: unknown[]): unknown {
      const active = context.active()
      let call: TracedCall | Context
      try {
        call = begin(this, args, active)
      } catch {
        // A sampler of the application's may throw.
        call = active
      }
      if (call === active) return Reflect.apply(fn, this, args)
      if (!(call instanceof TracedCall)) return context.with(call, Reflect.apply, undefined, fn, this, args)
      let result: unknown
      try {
        result = context.with(call.context, Reflect.apply, undefined, fn, this, args)
      } catch (error) {
        call.fail(error)
        throw error
      }
      return observeResult(result, call)
    }
  }
  copyProperties(fn, traced)
  return traced
}

/** Belong to the function itself, whatever it does. */
const NOT_COPIED: readonly PropertyKey[] = ['prototype', 'arguments', 'caller']

/** What frameworks read and leave on a function: its name, its length, and what decorators before this one wrote on it. */
function copyProperties (from: AnyFunction, to: AnyFunction): void {
  for (const key of Reflect.ownKeys(from)) {
    if (!NOT_COPIED.includes(key)) Reflect.defineProperty(to, key, Object.getOwnPropertyDescriptor(from, key)!)
  }
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as MetadataReflection
  if (getOwnMetadataKeys === undefined || getOwnMetadata === undefined || defineMetadata === undefined) return
  for (const key of getOwnMetadataKeys(from)) defineMetadata(key, getOwnMetadata(key, from), to)
}

/** What the package `reflect-metadata` adds, as far as it is needed. */
interface MetadataReflection {
  getOwnMetadataKeys?: (target: object) => unknown[]
  getOwnMetadata?: (key: unknown, target: object) => unknown
  defineMetadata?: (key: unknown, value: unknown, target: object) => void
}
