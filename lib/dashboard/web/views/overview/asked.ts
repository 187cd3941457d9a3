import type { NO_ROUTE as NAMED } from '../../../../store/queries/route.ts'
import type { Parameters } from '../../data/client.ts'
import type { Place } from '../../state/location.ts'

/** Asks for requests without a route. */
export const NO_ROUTE: typeof NAMED = '(no route)'

/** What every question of the overview is about: the time, the service and, where a row was chosen, its endpoint. */
export function askedOf ({ range, service, filters }: Place): Parameters {
  return { from: range.from, to: range.to, service, route: filters['route'], method: filters['method'] }
}
