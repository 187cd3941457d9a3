import { context, createContextKey, type Context } from '@opentelemetry/api'
import { AsyncLocalStorage } from 'node:async_hooks'
import { ambientScopeOf, type AmbientScope } from '../ambient/context-attributes.ts'
import { enterOrganization } from '../ambient/organization.ts'
import type { Work } from './work.ts'

const WORK_KEY = createContextKey('letta-otel agent work')

/** Work that was begun by hand, and where. */
interface Entered {
  readonly work: Work
  /** The work whose callback it was begun in, and the request. */
  readonly base: Work | undefined
  readonly scope: AmbientScope | undefined
}

/**
 * Finds the work that code runs for. A callback's work is in the OTel context. Work that is begun by hand has no callback,
 * and the OTel API can enter a context for none: it is noted in a storage of its own, and counts where it was begun, in
 * the same callback of the same request, until it ends.
 */
export class CurrentWork {
  readonly #entered = new AsyncLocalStorage<Entered>()

  /** The innermost work that has not ended. */
  find (): Work | undefined {
    const active = context.active()
    const entered = this.#entered.getStore()
    return (entered === undefined ? undefined : openWithin(entered, active)) ?? openWork(workOf(active))
  }

  /**
   * The innermost open work whose callback this is. What was begun by hand is seen by the caller of the asynchronous
   * function that began it too, so it does not tell whose a further run is.
   */
  findCallback (): Work | undefined {
    return openWork(workOf(context.active()))
  }

  enter (work: Work): void {
    const active = context.active()
    const entered: Entered = { work, base: workOf(active), scope: ambientScopeOf(active) }
    this.#entered.enterWith(entered)
    // What is recorded of it elsewhere, as parameters of methods, is that organization's alone.
    enterOrganization(now => openWithin(entered, now)?.organization)
  }
}

/** What is open of work that was begun by hand, where it counts. */
function openWithin ({ work, base, scope }: Entered, active: Context): Work | undefined {
  return base === workOf(active) && scope === ambientScopeOf(active) ? openWork(work) : undefined
}

export function withWork (carrier: Context, work: Work): Context {
  return carrier.setValue(WORK_KEY, work)
}

export function workOf (carrier: Context): Work | undefined {
  return carrier.getValue(WORK_KEY) as Work | undefined
}

/** The work itself, or the innermost around it, that has not ended. */
export function openWork (work: Work | undefined): Work | undefined {
  let open = work
  while (open?.ended !== undefined) open = open.parent
  return open
}
