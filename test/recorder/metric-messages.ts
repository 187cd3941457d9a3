import { decode } from '../export/otlp-messages.ts'

/** A decoded `ExportMetricsServiceRequest`: 64-bit numbers as text, ids in base64, what is unset absent. */
export function metricsRequest (bytes: Uint8Array): any {
  return decode('MetricsRequest', bytes, { longs: String, bytes: String, arrays: true })
}

/** The metrics of a request, of all scopes. */
export function metricsOf (bytes: Uint8Array): any[] {
  return metricsRequest(bytes).resourceMetrics.flatMap((resource: any) => resource.scopeMetrics).flatMap((scope: any) => scope.metrics)
}
