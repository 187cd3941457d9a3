import { context, type Context } from '@opentelemetry/api'
import { EventEmitter } from 'node:events'

export type Emit = (this: EventEmitter, event: string | symbol, ...values: unknown[]) => boolean

const plainEmit: Emit = EventEmitter.prototype.emit
const EMIT_BEFORE = Symbol('letta-otel emit before')
type Observed = EventEmitter & { [EMIT_BEFORE]?: Emit }

/** Puts `emit` in the place of an emitter's own, once, which {@link emitIn} goes on to. */
export function replaceEmit (emitter: EventEmitter, emit: Emit): void {
  const before: Emit = emitter.emit
  // What most emitters inherit needs no place of its own.
  if (before !== plainEmit) (emitter as Observed)[EMIT_BEFORE] = before
  emitter.emit = emit
}

/**
 * Most events of a request have no listener, and need neither a context nor their values then. An `emit` that another
 * plugin put in is always asked, and an error without a listener has to be thrown.
 */
export function isHeard (emitter: EventEmitter, event: string | symbol): boolean {
  return (emitter as Observed)[EMIT_BEFORE] !== undefined || event === 'error' || emitter.listenerCount(event) > 0
}

/** Emits what `args` say, as the emitter would have, with `eventContext` active. */
export function emitIn (eventContext: Context | undefined, emitter: EventEmitter, args: IArguments): boolean {
  const emit = (emitter as Observed)[EMIT_BEFORE] ?? plainEmit
  const values = args as unknown as Parameters<Emit>
  if (eventContext === undefined || context.active() === eventContext) return emit.apply(emitter, values)
  return context.with(eventContext, emit, emitter, ...values)
}
