import type { AlertRule } from './alert-rule.ts'
import { BUDGET_RULES } from './budget-rules.ts'
import { endpointErrors, serverErrors, slowRequests } from './request-rules.ts'
import { noTraces, spoolFilling, telemetryLost } from './telemetry-rules.ts'

/** Every rule that the store can answer for; those on the collector's own metrics are Prometheus' (docs/prometheus). */
export const ALERT_RULES: readonly AlertRule[] = Object.freeze([
  slowRequests, serverErrors, endpointErrors, ...BUDGET_RULES, noTraces, telemetryLost, spoolFilling
])
