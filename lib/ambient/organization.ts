import { AsyncLocalStorage } from 'node:async_hooks'
import { createContextKey, type Context } from '@opentelemetry/api'
import { ATTR_ORGANIZATION_ID } from '../vocabulary/context.ts'
import { ambientScopeOf } from './context-attributes.ts'

const ORGANIZATION_KEY = createContextKey('letta-otel organization')

/** A context of work that is done for an organization, whichever one the request names. */
export function contextForOrganization (carrier: Context, organization: string): Context {
  return carrier.setValue(ORGANIZATION_KEY, organization)
}

/** Tells for which organization the current work is done; nothing where it does not know. */
export type FindOrganization = (active: Context) => string | undefined

const entered = new AsyncLocalStorage<FindOrganization>()

/** From here on, and in what is called from here, work is done for the organization that is found, where one is. */
export function enterOrganization (find: FindOrganization): void {
  entered.enterWith(find)
}

/** For which organization a context says that work is done, whoever asked for it; nothing where that was not said. */
export function organizationWithin (carrier: Context): string | undefined {
  return carrier.getValue(ORGANIZATION_KEY) as string | undefined
}

/** The same for the active context, and for work that was begun by hand in it. */
export function organizationOfWork (active: Context): string | undefined {
  return entered.getStore()?.(active) ?? organizationWithin(active)
}

/**
 * For which organization work is done that is begun now; nothing where nobody said.
 *
 * @param active the active context
 */
export function currentOrganization (active: Context): string | undefined {
  const organization = organizationOfWork(active) ?? ambientScopeOf(active)?.attributes[ATTR_ORGANIZATION_ID]
  return organization === undefined ? undefined : String(organization)
}
