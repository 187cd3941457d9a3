import { createContextKey, type Context } from '@opentelemetry/api'
import { ATTR_ORGANIZATION_ID } from '../vocabulary/context.ts'
import { ambientScopeOf } from './context-attributes.ts'

const ORGANIZATION_KEY = createContextKey('letta-otel organization')

/** A context of work that is done for an organization, whichever one the request names. */
export function contextForOrganization (carrier: Context, organization: string): Context {
  return carrier.setValue(ORGANIZATION_KEY, organization)
}

/** For which organization a context's work is done; nothing where nobody said. */
export function organizationOf (carrier: Context): string | undefined {
  const organization = carrier.getValue(ORGANIZATION_KEY) ?? ambientScopeOf(carrier)?.attributes[ATTR_ORGANIZATION_ID]
  return organization === undefined ? undefined : String(organization)
}
