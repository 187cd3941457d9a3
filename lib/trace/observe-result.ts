import { context, type Context } from '@opentelemetry/api'

/** What lasts as long as its result takes. Of several ends the first one counts; none of these may throw. */
export interface ObservedCall {
  /** In which the result is made. */
  readonly context: Context
  succeed (value?: unknown): void
  /** Whoever iterated left before the end. */
  stop (): void
  fail (thrown: unknown): void
  /** Nobody can ever say how it ended. */
  abandon (): void
  /** Follows what is neither promise nor iteration. @returns what the caller gets in its place; nothing where it has no end of its own */
  follow? (value: object): object | undefined
}

type Method = (this: unknown, ...args: unknown[]) => unknown
interface Step { readonly done?: boolean, readonly value?: unknown }

/** What will tell of an end, and was dropped before it could, has that end when nobody can go on with it. */
const dropped = new FinalizationRegistry<ObservedCall>(call => { call.abandon() })

/**
 * Ends a call when its result is there: at once, when a promise settles, or when an iteration has ended. Gives back what the
 * caller gets: the same object, except for a promise, whose rejection has to stay as unhandled as it was.
 */
export function observeResult (result: unknown, call: ObservedCall): unknown {
  if (typeof result !== 'object' || result === null) {
    call.succeed(result)
    return result
  }
  if (result instanceof Promise && result.constructor === Promise) return settled(result, call)
  if (methodOf(result, 'then') === undefined) return observeValue(result, call)
  if (!observeThenable(result, call)) call.succeed(result)
  return result
}

/** A promise that stands for more promises, in what it becomes or in what it is itself. */
function settled (promise: Promise<unknown>, call: ObservedCall): Promise<unknown> {
  return promise.then(
    value => observeValue(value, call),
    (error: unknown) => {
      call.fail(error)
      throw error
    })
}

/** What is no promise. @returns what stands for it */
function observeValue (value: unknown, call: ObservedCall): unknown {
  if (typeof value !== 'object' || value === null) {
    call.succeed(value)
    return value
  }
  const followed = call.follow?.(value)
  if (followed !== undefined) return followed
  if (!observeIteration(value, call)) call.succeed(value)
  return value
}

/**
 * Queries and requests that are thenable often begin when they are awaited, and can do more than that: such an object
 * stays what it is, and is observed when its `then` is called.
 */
function observeThenable (thenable: object, call: ObservedCall): boolean {
  // It may be awaited more than once, and stands for one value.
  let stood: { readonly for: unknown } | undefined
  const observed = replace(thenable, 'then', then => function (this: unknown, onFulfilled, onRejected) {
    return context.with(call.context, then, this,
      (value: unknown) => {
        // Also holds it: whoever can settle it is not done with it.
        dropped.unregister(thenable)
        stood ??= { for: observeValue(value, call) }
        return typeof onFulfilled === 'function' ? onFulfilled(stood.for) : stood.for
      },
      (error: unknown) => {
        dropped.unregister(thenable)
        call.fail(error)
        if (typeof onRejected === 'function') return onRejected(error)
        throw error
      })
  })
  if (observed) dropped.register(thenable, call, thenable)
  return observed
}

/**
 * Iterators, as generators make them, and what gives an asynchronous one. A stream can be read in other ways than by
 * iteration, which nobody would see the end of: its call ends when the stream is there, unless the call follows it itself.
 */
function observeIteration (result: object, call: ObservedCall): boolean {
  const isAsync = methodOf(result, Symbol.asyncIterator) !== undefined
  if (methodOf(result, 'next') !== undefined) {
    return (isAsync || methodOf(result, Symbol.iterator) !== undefined) && observeIterator(result, call)
  }
  if (!isAsync || methodOf(result, 'pipe') !== undefined || methodOf(result, 'getReader') !== undefined) return false
  const observed = replace(result, Symbol.asyncIterator, iterate => function (this: unknown) {
    const iterator = context.with(call.context, iterate, this)
    // From here on it is the iterator that can be dropped.
    dropped.unregister(result)
    if (typeof iterator === 'object' && iterator !== null) observeIterator(iterator, call)
    return iterator
  })
  if (observed) dropped.register(result, call, result)
  return observed
}

/** Each step runs in the call's context; the first that says the iteration is over ends the call. */
function observeIterator (iterator: object, call: ObservedCall): boolean {
  const over = (value: unknown): void => { call.succeed(value) }
  const left = (): void => { call.stop() }
  const observed = replace(iterator, 'next', next => function (this: unknown, ...args) { return step(next, this, args, call, over) })
  replace(iterator, 'throw', fail => function (this: unknown, ...args) { return step(fail, this, args, call, over) })
  const hasReturn = replace(iterator, 'return', finish => function (this: unknown, ...args) { return step(finish, this, args, call, left) })
  // A loop that is left early tells nobody but this method.
  if (observed && !hasReturn) {
    define(iterator, 'return', value => {
      left()
      return { done: true, value }
    })
  }
  if (observed) dropped.register(iterator, call)
  return observed
}

/** @param end ends the call when this step was the last */
function step (method: Method, iterator: unknown, args: unknown[], call: ObservedCall, end: (value: unknown) => void): unknown {
  const note = (result: Step | undefined): void => { if (result?.done === true) end(result.value) }
  let result: unknown
  try {
    result = context.with(call.context, method, iterator, ...args)
  } catch (error) {
    call.fail(error)
    throw error
  }
  if (!(result instanceof Promise)) {
    note(result as Step | undefined)
    return result
  }
  return result.then(
    (value: Step) => {
      note(value)
      return value
    },
    (error: unknown) => {
      call.fail(error)
      throw error
    })
}

/** Reading a property may run code of the application's, which may throw. */
function methodOf (object: object, name: PropertyKey): Method | undefined {
  try {
    const method = (object as Record<PropertyKey, unknown>)[name]
    return typeof method === 'function' ? method as Method : undefined
  } catch {
    return undefined
  }
}

/** Puts a method of the object's own before the one that it has. @returns false where there is none, or the object is frozen */
function replace (object: object, name: PropertyKey, make: (original: Method) => Method): boolean {
  const original = methodOf(object, name)
  return original !== undefined && define(object, name, make(original))
}

function define (object: object, name: PropertyKey, value: Method): boolean {
  return Reflect.defineProperty(object, name, { value, configurable: true, writable: true, enumerable: false })
}
