import { worstStatus, type Finding, type Status } from './finding.ts'
import { inTime } from './in-time.ts'
import { Inspection, type InspectionSettings } from './inspection.ts'
import { checkClockSkew } from './checks/clock-skew.ts'
import { checkCollectorHealth } from './checks/collector-health.ts'
import { checkCollectorQueue } from './checks/collector-queue.ts'
import { checkConfiguration } from './checks/configuration.ts'
import { checkDiskSpace } from './checks/disk-space.ts'
import { checkEndpoint } from './checks/endpoint.ts'
import { checkLogDirectory } from './checks/log-directory.ts'
import { checkNodeVersion } from './checks/node-version.ts'
import { checkProbeSpan } from './checks/probe-span.ts'
import { checkSchema } from './checks/schema.ts'
import { checkSpool } from './checks/spool.ts'
import { checkStore } from './checks/store.ts'

/** Every check by its name, in the order in which telemetry goes. */
const CHECKS = {
  node: async () => await checkNodeVersion(),
  configuration: checkConfiguration,
  endpoint: checkEndpoint,
  probe: checkProbeSpan,
  collector: checkCollectorHealth,
  queue: checkCollectorQueue,
  store: checkStore,
  schema: checkSchema,
  clock: checkClockSkew,
  spool: checkSpool,
  logs: checkLogDirectory,
  disk: checkDiskSpace
} satisfies Record<string, (inspection: Inspection) => Promise<Finding>>

export type CheckName = keyof typeof CHECKS

/** One line of the report. */
export interface CheckResult {
  readonly name: CheckName
  readonly status: Status
  readonly found: string
  /** Nothing to do: null. */
  readonly advice: string | null
  readonly milliseconds: number
}

export interface Report {
  /** The worst of all. */
  readonly status: Status
  readonly checks: readonly CheckResult[]
}

/** Milliseconds that a check has beyond what it waits for itself, to say so. */
const GRACE_MS = 1_000

/** Runs all checks at once; each ends when its time is up, whatever it hangs on. Never rejects. */
export async function runChecks (settings: InspectionSettings): Promise<Report> {
  const inspection = new Inspection(settings)
  const names = Object.keys(CHECKS) as CheckName[]
  const checks = await Promise.all(names.map(async name => await runCheck(name, inspection)))
  return { status: worstStatus(checks), checks }
}

async function runCheck (name: CheckName, inspection: Inspection): Promise<CheckResult> {
  const start = performance.now()
  const { status, found, advice = null } = await inTime(CHECKS[name](inspection), inspection.timeoutMs + GRACE_MS)
  return { name, status, found, advice, milliseconds: Math.round(performance.now() - start) }
}
