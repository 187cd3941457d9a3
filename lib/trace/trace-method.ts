import { LETTA_OTEL_CANNOT_TRACE } from '../errors.ts'
import { traceFunction, type AnyFunction } from './trace-function.ts'
import { resolveTraceMethodOptions, type ResolvedTraceMethodOptions, type TraceMethodOptions } from './trace-method-options.ts'

/** A decorator of methods: as the language defines it, and as TypeScript did before (`experimentalDecorators`). */
export interface MethodDecoration {
  <This, Args extends any[], Return> (
    method: (this: This, ...args: Args) => Return,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Return>
  ): (this: This, ...args: Args) => Return
  <Method> (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>): TypedPropertyDescriptor<Method>
}

/**
 * Traces the calls of a method or a function: each is a span named `Class.method`, with the parameters as `parameter.<name>`
 * and status OK, or ERROR with what was thrown. The span of a promise ends when it settles, that of a generator or an
 * asynchronous iterator when the iteration does. The result stays what it is, and so does what is thrown.
 *
 * @example
 * class Agents {
 *   @traceMethod
 *   async step (agentId: string) { … }
 * }
 * @example
 * const search = traceMethod(async (query: string) => { … }, { name: 'search' })
 * @throws {LETTA_OTEL_INVALID_OPTION} an option is unknown or ill-typed
 * @throws {LETTA_OTEL_CANNOT_TRACE} something else than a method or a function is to be traced
 */
export function traceMethod<This, Args extends any[], Return> (
  method: (this: This, ...args: Args) => Return,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Return>
): (this: This, ...args: Args) => Return
export function traceMethod<Method> (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>): TypedPropertyDescriptor<Method>
export function traceMethod<Fn extends (...args: any[]) => unknown> (fn: Fn, options?: TraceMethodOptions): Fn
export function traceMethod (options?: TraceMethodOptions): MethodDecoration
export function traceMethod (first: unknown = {}, second?: unknown, third?: unknown): unknown {
  if (isDecoration(second)) return decorate(resolveTraceMethodOptions(), first, second, third)
  if (typeof first === 'function') {
    const fn = first as AnyFunction
    return traced(fn, resolveTraceMethodOptions(second as TraceMethodOptions | undefined), fn.name, false)
  }
  const options = resolveTraceMethodOptions(first as TraceMethodOptions)
  return (target: unknown, context: unknown, descriptor: unknown) => decorate(options, target, context, descriptor)
}

/** A decorator gets the method's name second, or an object that says what is decorated. */
function isDecoration (second: unknown): boolean {
  return typeof second === 'string' || typeof second === 'symbol' || typeof (second as { kind?: unknown } | undefined)?.kind === 'string'
}

function decorate (options: ResolvedTraceMethodOptions, target: unknown, context: unknown, descriptor: unknown): unknown {
  if (typeof context === 'object' && context !== null) {
    const { kind, name } = context as DecoratorContext
    if (kind !== 'method') throw new LETTA_OTEL_CANNOT_TRACE(`the ${kind} ${String(name)}`)
    return traced(target as AnyFunction, options, String(name), true)
  }
  const { value } = (typeof descriptor === 'object' ? descriptor ?? {} : {}) as PropertyDescriptor
  if (typeof value !== 'function') throw new LETTA_OTEL_CANNOT_TRACE(context === undefined ? 'a class' : `the property ${String(context)}`)
  return { ...(descriptor as PropertyDescriptor), value: traced(value as AnyFunction, options, String(context), true) }
}

function traced (fn: AnyFunction, options: ResolvedTraceMethodOptions, functionName: string, isMethod: boolean): AnyFunction {
  const { name, module, parameters, exclude, include, limits, logger } = options
  return traceFunction(fn, {
    name,
    module,
    functionName: functionName === '' ? 'anonymous' : functionName,
    isMethod,
    logger,
    parameters: parameters === false ? undefined : { names: parameters, exclude, include, limits }
  })
}
