import type { Meter, Observable } from '@opentelemetry/api'
import type { Store } from '../store/open-store.ts'
import { ATTR_ERROR_TYPE } from '../vocabulary/attributes.ts'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'
import {
  ATTR_OTEL_COMPONENT_NAME, ATTR_OTEL_COMPONENT_TYPE, INSERTS_FAILED, ROW_SPOOL_USAGE, ROWS_SPOOLED, ROWS_WAITING, ROWS_WRITTEN, STORE_WRITER
} from '../vocabulary/self-metrics.ts'

/** Stores that were told of, so that each of a process has a name of its own. */
let stores = 0

/**
 * Tells what became of a store's rows as metrics. Figures are read when metrics are collected.
 *
 * @returns what makes the present figures the last ones: they are told for as long as the runtime is there, and nothing else of
 *   the store is kept
 */
export function observeRows (meter: Meter, store: Pick<Store, 'stats'>): () => void {
  let figures = store.stats
  const counter = ({ name, ...rest }: InstrumentFacts): Observable => meter.createObservableCounter(name, rest)
  const upDownCounter = ({ name, ...rest }: InstrumentFacts): Observable => meter.createObservableUpDownCounter(name, rest)
  const written = counter(ROWS_WRITTEN)
  const spooled = counter(ROWS_SPOOLED)
  const failed = counter(INSERTS_FAILED)
  const waiting = upDownCounter(ROWS_WAITING)
  const spool = upDownCounter(ROW_SPOOL_USAGE)
  const attributes = { [ATTR_OTEL_COMPONENT_TYPE]: STORE_WRITER, [ATTR_OTEL_COMPONENT_NAME]: `${STORE_WRITER}/${stores++}` }
  meter.addBatchObservableCallback(result => {
    const stats = figures()
    result.observe(written, stats.written, attributes)
    for (const [reason, count] of Object.entries(stats.dropped)) {
      if (count > 0) result.observe(written, count, { ...attributes, [ATTR_ERROR_TYPE]: reason })
    }
    result.observe(spooled, stats.spooled, attributes)
    result.observe(failed, stats.failedInserts, attributes)
    result.observe(waiting, stats.waiting, attributes)
    result.observe(spool, stats.spoolBytes, attributes)
  }, [written, spooled, failed, waiting, spool])
  return () => {
    const last = figures()
    figures = () => last
  }
}
