import type { Engine } from '../../store/engine.ts'
import type { Signal } from './answer.ts'

const SIGNAL_OF_TABLE: ReadonlyArray<readonly [RegExp, Signal]> = [
  [/^otel_traces(?:_local)?$/, 'traces'],
  [/^otel_logs/, 'logs'],
  [/^otel_metrics_/, 'metrics'],
  [/^(?:run_metrics|step_metrics|provider_traces|jobs_states)/, 'agents']
]

/** Numbers of blocks only grow with inserts, whatever is merged meanwhile: no row is read to know that there are new ones. */
const BLOCKS = `
  SELECT table, sum(block) AS blocks FROM (
    SELECT table, partition_id, max(max_block_number) AS block FROM system.parts WHERE database = {database:String} GROUP BY table, partition_id
  ) GROUP BY table`

interface Watcher {
  ready: (() => void) | undefined
  readonly news: (signals: readonly Signal[]) => void
}

/** Tells those who watch which tables have new rows. Nobody watching costs nothing. */
export class WatchStore {
  readonly #engine: Pick<Engine, 'query' | 'database'>
  readonly #intervalMs: number
  readonly #watchers = new Set<Watcher>()
  #timer: NodeJS.Timeout | undefined
  #seen: ReadonlyMap<string, string> | undefined

  constructor (engine: Pick<Engine, 'query' | 'database'>, intervalMs: number) {
    this.#engine = engine
    this.#intervalMs = intervalMs
  }

  /**
   * @param ready called once, when all that is written from then on will be told
   * @param news called with what has new rows
   * @returns ends it
   */
  join (ready: () => void, news: (signals: readonly Signal[]) => void): () => void {
    const watcher: Watcher = { ready, news }
    this.#watchers.add(watcher)
    if (this.#watchers.size === 1) {
      this.#seen = undefined
      void this.#look()
    }
    return () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size === 0) clearTimeout(this.#timer)
    }
  }

  async #look (): Promise<void> {
    try {
      const rows = await this.#engine.query<{ table: string, blocks: string }>(BLOCKS, { database: this.#engine.database })
      const seen = new Map(rows.map(({ table, blocks }) => [table, blocks]))
      const news = this.#seen === undefined ? [] : changed(this.#seen, seen)
      this.#seen = seen
      for (const watcher of this.#watchers) {
        watcher.ready?.()
        watcher.ready = undefined
        if (news.length > 0) watcher.news(news)
      }
    } catch {
      // An engine that is away for a while says nothing: the next look tells what came meanwhile.
    }
    if (this.#watchers.size === 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => { void this.#look() }, this.#intervalMs)
  }
}

function changed (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Signal[] {
  const signals = SIGNAL_OF_TABLE.flatMap(([pattern, signal]) =>
    [...after].some(([table, blocks]) => pattern.test(table) && before.get(table) !== blocks) ? [signal] : [])
  return [...new Set(signals)].sort()
}
