import { withoutCredentials } from '../../../errors.ts'
import { failure, ok, skipped, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'
import type { Probe } from '../send-probe.ts'

/** Of Node, about an answer that is not HTTP/1: a server of gRPC begins with frames of HTTP/2. */
const NO_HTTP = /^HPE_/

/** Whether a span is taken, sent as the plugin sends spans. */
export async function checkProbeSpan (inspection: Inspection): Promise<Finding> {
  const probe = await inspection.probe()
  if (probe === undefined) return skipped(inspection.notSent ?? 'no spans are sent: OTEL_TRACES_EXPORTER is none')
  const url = inspection.configuration?.endpoints?.endpoints.traces ?? ''
  const finding = await judge(probe, url, inspection)
  if (probe.problems.length === 0) return finding
  return failure([finding.found, ...probe.problems].join('; '), 'correct OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY')
}

async function judge ({ outcome, attempt, traceId }: Probe, url: string, inspection: Inspection): Promise<Finding> {
  const where = withoutCredentials(url)
  if (outcome.result === 'accepted') {
    if (outcome.rejected > 0) return failure(`${where} answered 200 and refused the span: ${outcome.problem ?? ''}`, 'look at the log of the collector')
    if (outcome.problem !== undefined) return warning(`${where} took the span with a remark: ${outcome.problem}`, 'look at the log of the collector')
    return ok(`${where} took a span of trace ${traceId}`)
  }
  if (outcome.result === 'rejected' && outcome.isTooLarge === true) {
    return failure(outcome.problem ?? '', 'raise the size of requests that is allowed there: max_request_body_size of a collector, or the limit of a proxy before it')
  }
  if (attempt !== undefined && 'status' in attempt) return failure(`${where} answered ${attempt.status}`, adviceFor(attempt.status, url))
  const connections = await inspection.connections()
  if (connections.some(({ origin, code }) => code !== undefined && url.startsWith(origin))) return skipped('no connection, as endpoint says')
  const problem = 'problem' in outcome && outcome.problem !== undefined ? outcome.problem : 'the request was given up'
  return failure(problem, attempt !== undefined && NO_HTTP.test(attempt.code)
    ? 'what answers there speaks no HTTP, as OTLP over gRPC at port 4317: name the port of OTLP over HTTP, usually 4318'
    : 'check that OTLP over HTTP is spoken there, and that it is not overloaded')
}

function adviceFor (status: number, url: string): string {
  switch (status) {
    case 401: case 403: return 'set OTEL_EXPORTER_OTLP_HEADERS to the credentials that are wanted there, as authorization=Bearer%20…'
    case 404: case 405: return `nothing takes spans at ${new URL(url).pathname}: OTEL_EXPORTER_OTLP_ENDPOINT is a base, to which v1/traces is added; ` +
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is'
    case 415: return 'what listens there does not take application/x-protobuf: name a receiver of OTLP over HTTP'
    case 429: case 502: case 503: case 504: return 'it has too much to do or cannot pass on what it took: look at its log; spans wait on the disk meanwhile'
    default:
      if (status >= 300 && status < 400) return 'it sends requests elsewhere, which is not followed: name the last address'
      return status < 500 ? 'spans that are answered so are lost: look at the log of what listens there' : 'look at the log of what listens there'
  }
}
