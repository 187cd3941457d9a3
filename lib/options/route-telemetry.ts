import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import { checkOptions, flag, ratio, type Check } from './checks.ts'
import type { RouteTelemetryOptions } from '../options.ts'

const ROUTE_CHECKS: Readonly<Record<keyof RouteTelemetryOptions, Check>> = Object.freeze({ trace: flag, metrics: flag, sampleRatio: ratio })

/**
 * Checks `config.telemetry` of a route when the route is registered.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} naming the route
 */
export function checkRouteTelemetry (telemetry: unknown, method: string | readonly string[], url: string): void {
  if (telemetry === undefined || telemetry === false) return
  const route = `${String(method)} ${url}`
  if (Object.prototype.toString.call(telemetry) !== '[object Object]') {
    throw new LETTA_OTEL_INVALID_OPTION(`config.telemetry of ${route}`, describeValue(telemetry), 'use false or an object')
  }
  checkOptions(ROUTE_CHECKS, telemetry, name => `config.telemetry.${name} of ${route}`)
}
