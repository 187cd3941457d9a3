import { context } from '@opentelemetry/api'
import type { TracedCall } from './traced-call.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown
interface Step { readonly done?: boolean }

/**
 * Ends a call when its result is there: at once, when a promise settles, or when an iteration has ended. Gives back what the
 * caller gets: the same object, except for a promise, whose rejection has to stay as unhandled as it was.
 */
export function observeResult (result: unknown, call: TracedCall): unknown {
  if (typeof result !== 'object' || result === null) {
    call.succeed()
    return result
  }
  if (result instanceof Promise && result.constructor === Promise) return settled(result, call)
  if (!observeObject(result, call)) call.succeed()
  return result
}

/** A promise that stands for more promises, in what it becomes or in what it is itself. */
function settled (promise: Promise<unknown>, call: TracedCall): Promise<unknown> {
  return promise.then(
    value => {
      if (typeof value !== 'object' || value === null || !observeIteration(value, call)) call.succeed()
      return value
    },
    (error: unknown) => {
      call.fail(error)
      throw error
    })
}

/** @returns whether the object is one that will tell of its end */
function observeObject (result: object, call: TracedCall): boolean {
  return methodOf(result, 'then') === undefined ? observeIteration(result, call) : observeThenable(result, call)
}

/**
 * Queries and requests that are thenable often begin when they are awaited, and can do more than that: such an object
 * stays what it is, and is observed when its `then` is called.
 */
function observeThenable (thenable: object, call: TracedCall): boolean {
  return replace(thenable, 'then', then => function (this: unknown, onFulfilled, onRejected) {
    return context.with(call.context, then, this,
      (value: unknown) => {
        call.succeed()
        return typeof onFulfilled === 'function' ? onFulfilled(value) : value
      },
      (error: unknown) => {
        call.fail(error)
        if (typeof onRejected === 'function') return onRejected(error)
        throw error
      })
  })
}

/**
 * Iterators, as generators make them, and what gives an asynchronous one. A stream can be read in other ways than by
 * iteration, which nobody would see the end of: its call ends when the stream is there.
 */
function observeIteration (result: object, call: TracedCall): boolean {
  const isAsync = methodOf(result, Symbol.asyncIterator) !== undefined
  if (methodOf(result, 'next') !== undefined) {
    return (isAsync || methodOf(result, Symbol.iterator) !== undefined) && observeIterator(result, call)
  }
  if (!isAsync || methodOf(result, 'pipe') !== undefined || methodOf(result, 'getReader') !== undefined) return false
  return replace(result, Symbol.asyncIterator, iterate => function (this: unknown) {
    const iterator = context.with(call.context, iterate, this)
    if (typeof iterator === 'object' && iterator !== null) observeIterator(iterator, call)
    return iterator
  })
}

/** An iteration that is neither finished nor left has an end when nobody can go on with it. */
const dropped = new FinalizationRegistry<TracedCall>(call => { call.abandon() })

/** Each step runs in the span's context; the first that says the iteration is over ends the span. */
function observeIterator (iterator: object, call: TracedCall): boolean {
  const observed = replace(iterator, 'next', next => function (this: unknown, ...args) { return step(next, this, args, call) })
  replace(iterator, 'throw', fail => function (this: unknown, ...args) { return step(fail, this, args, call) })
  const hasReturn = replace(iterator, 'return', finish => function (this: unknown, ...args) { return step(finish, this, args, call) })
  // A loop that is left early tells nobody but this method.
  if (observed && !hasReturn) {
    define(iterator, 'return', value => {
      call.succeed()
      return { done: true, value }
    })
  }
  if (observed) dropped.register(iterator, call)
  return observed
}

function step (method: Method, iterator: unknown, args: unknown[], call: TracedCall): unknown {
  let result: unknown
  try {
    result = context.with(call.context, method, iterator, ...args)
  } catch (error) {
    call.fail(error)
    throw error
  }
  if (!(result instanceof Promise)) {
    note(result as Step, call)
    return result
  }
  return result.then(
    (value: Step) => {
      note(value, call)
      return value
    },
    (error: unknown) => {
      call.fail(error)
      throw error
    })
}

function note (step: Step | undefined, call: TracedCall): void {
  if (step?.done === true) call.succeed()
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
