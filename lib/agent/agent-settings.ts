import type { Tracer } from '@opentelemetry/api'
import type { PriceTable } from '../options.ts'
import type { RedactionRules } from '../redaction/redact-json.ts'
import type { RowReader, RowSink } from '../store/rows.ts'
import type { CurrentWork } from './current-work.ts'
import type { Instruments } from './instruments.ts'
import type { LaterTasks } from './later-tasks.ts'
import type { OpenWork } from './open-work.ts'
import type { PayloadRules } from './payload.ts'
import type { WallClock } from './wall-clock.ts'

/** Whatever is kept of agents' work, and found again. */
export type Rows = RowSink & RowReader

/** What all work of one application shares. */
export interface AgentSettings {
  readonly tracer: Tracer
  readonly instruments: Instruments
  readonly clock: WallClock
  /** Keeps a row. Never throws. */
  readonly keep: RowSink['write']
  readonly prices: PriceTable | undefined
  /** Nothing where payloads are not kept. */
  readonly payloads: PayloadRules | undefined
  /** For what is always redacted, as messages of errors. */
  readonly redaction: RedactionRules
  readonly current: CurrentWork
  readonly later: LaterTasks
  readonly open: OpenWork
  /** Told of what goes wrong here, which is no affair of the application's. */
  readonly onFault: (fault: unknown) => void
}
