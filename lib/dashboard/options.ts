import type { QueryScope } from '../store/queries/run-query.ts'
import type { Store } from '../store/open-store.ts'

export interface DashboardOptions {
  readonly store: Pick<Store, 'engine'>
  /** Whose telemetry is shown. One organization gets no console of SQL: nothing could keep its questions to its own rows. @default 'all-organizations' */
  readonly scope?: QueryScope
  /** Milliseconds between two looks at what is new, while somebody watches. @default 500 */
  readonly liveIntervalMs?: number
}
