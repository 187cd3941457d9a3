import type { ParameterDefinitions } from './parameters.ts'

/** What is asked for where requests without a route are meant: no route is called so. */
export const NO_ROUTE = '(no route)'

export const ROUTE_PARAMETER = {
  route: { kind: 'text', description: `only this route, as /v1/agents/:agent_id, or ${NO_ROUTE} for requests that have none`, default: '' }
} as const satisfies ParameterDefinitions

/** Whether a row is of the route that is asked for. @param route SQL of the row's own, '' where it has none */
export const isOfRoute = (route: string): string => `({route:String} = '' OR ${route} = if({route:String} = '${NO_ROUTE}', '', {route:String}))`
