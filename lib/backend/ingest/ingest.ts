import type { EmbeddedSession } from '../../store/embedded-session.ts'
import type { Signal } from '../../export/parcel.ts'
import { addLogs, logBlock } from '../otlp/log-rows.ts'
import { metricBlocks, type MetricBlocks } from '../otlp/metric-columns.ts'
import { addMetrics } from '../otlp/metric-rows.ts'
import { Rejections } from '../otlp/rejections.ts'
import { addSpans, spanBlock } from '../otlp/span-rows.ts'
import { RowsTooLarge } from '../rows/byte-run.ts'
import type { RowBlock } from '../rows/row-block.ts'
import { BlockFiles } from './block-files.ts'
import { IngestStats, type IngestFigures } from './ingest-stats.ts'
import { LeftFiles, type LeftFilesTools } from './left-files.ts'
import { TableLane, type LaneTools } from './table-lane.ts'
import { TooMuchWaits } from './too-much-waits.ts'

/** Bytes of rows that may wait for the engine; of more, clients are told to come back. */
const WAITING_BYTES_MAX = 128 * 1024 * 1024

export interface IngestOptions {
  /** Where blocks are written before they are inserted; of this process alone. */
  readonly directory: string
  readonly database: string
  /** @default 134_217_728 (128 MiB) */
  readonly maxWaitingBytes?: number | undefined
  /** Told in words of what went wrong. */
  readonly onProblem: (problem: string) => void
}

interface Taken {
  readonly rows: number
  readonly rejections: Rejections
}

type MetricLanes = { readonly [Kind in keyof MetricBlocks]: TableLane<MetricBlocks[Kind]> }

/** Takes requests of OTLP in protobuf, and brings their rows into the tables. */
export class Ingest {
  readonly #files: BlockFiles
  readonly #session: EmbeddedSession
  readonly #stats = new IngestStats()
  readonly #maxWaitingBytes: number
  readonly #spans: TableLane<ReturnType<typeof spanBlock>>
  readonly #logs: TableLane<ReturnType<typeof logBlock>>
  readonly #metrics: MetricLanes
  readonly #lanes: ReadonlyArray<TableLane<RowBlock>>

  readonly #left: LeftFiles

  private constructor (files: BlockFiles, session: EmbeddedSession, { maxWaitingBytes = WAITING_BYTES_MAX, onProblem }: IngestOptions) {
    this.#files = files
    this.#session = session
    this.#maxWaitingBytes = maxWaitingBytes
    this.#left = new LeftFiles(this.#leftTools(onProblem))
    const tools = this.#tools('metrics', onProblem)
    this.#spans = new TableLane(spanBlock, this.#tools('traces', onProblem))
    this.#logs = new TableLane(logBlock, this.#tools('logs', onProblem))
    this.#metrics = {
      gauge: new TableLane(() => metricBlocks().gauge, tools),
      sum: new TableLane(() => metricBlocks().sum, tools),
      histogram: new TableLane(() => metricBlocks().histogram, tools),
      exponentialHistogram: new TableLane(() => metricBlocks().exponentialHistogram, tools),
      summary: new TableLane(() => metricBlocks().summary, tools)
    }
    this.#lanes = [this.#spans, this.#logs, ...Object.values(this.#metrics)] as unknown as ReadonlyArray<TableLane<RowBlock>>
  }

  /** Begins with what an earlier process had not inserted when it ended. */
  static async open (session: EmbeddedSession, options: IngestOptions): Promise<Ingest> {
    const files = await BlockFiles.open(options.directory, options.database)
    const left = await files.left()
    const ingest = new Ingest(files, session, options)
    await ingest.#left.start(left)
    return ingest
  }

  #leftTools (onProblem: (problem: string) => void): LeftFilesTools {
    return {
      insert: async file => { await this.#files.insert(this.#session, file) },
      remove: async file => { await this.#files.remove(file) },
      onRefused: async (file, { message }) => {
        const rows = await this.#files.rowsOf(file).catch(() => 0)
        this.#stats.lost(signalOf(file.table), rows)
        onProblem(`${rows} rows that an earlier process left cannot be inserted into ${file.table}, and are lost: ${message}`)
      },
      onTrouble: ({ table }, { message }) => { onProblem(`rows that an earlier process left cannot be inserted into ${table}, and are tried again: ${message}`) }
    }
  }

  #tools (signal: Signal, onProblem: (problem: string) => void): LaneTools {
    return {
      write: async block => await this.#files.write(block),
      insert: async file => { await this.#files.insert(this.#session, file) },
      remove: async file => { await this.#files.remove(file) },
      onWritten: (rows, milliseconds) => { this.#stats.written(rows, milliseconds) },
      onLost: (rows, problem) => {
        this.#stats.lost(signal, rows)
        onProblem(`${rows} rows are lost: ${problem.message}`)
      },
      onTrouble: problem => { onProblem(`rows cannot be inserted, and are tried again: ${problem.message}`) }
    }
  }

  /** Whether more waits than should; what is sent now should be sent later. */
  get isBehind (): boolean {
    return this.waitingBytes > this.#maxWaitingBytes
  }

  /** Counts a request that was sent back. */
  refused (signal: Signal): void {
    this.#stats.refused(signal)
  }

  get waitingBytes (): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.waitingBytes, 0)
  }

  get figures (): IngestFigures {
    return this.#stats.figures(this.waitingBytes)
  }

  /**
   * Takes a whole request; its rows are in the tables a moment later.
   *
   * @param request protobuf, which is not needed any more after that
   * @throws {MalformedMessage} the bytes are no such request; nothing of it was taken
   * @throws {RowsTooLarge} so are its rows, by themselves
   * @throws {TooMuchWaits} its rows are too large beside those that wait
   */
  accept (signal: Signal, request: Uint8Array): Rejections {
    const { rows, rejections } = this.#take(signal, request)
    this.#stats.received(signal, rows, rejections.count)
    return rejections
  }

  /** Takes metrics of the backend itself, which are not counted among what it is sent. */
  acceptOwn (request: Uint8Array): void {
    this.#take('metrics', request)
  }

  #take (signal: Signal, request: Uint8Array): Taken {
    const lanes = this.#lanesOf(signal)
    const rejections = new Rejections()
    const before = lanes.reduce((sum, { block }) => sum + block.rows, 0)
    for (const { block } of lanes) block.mark()
    try {
      this.#add(signal, request, rejections)
    } catch (problem) {
      for (const { block } of lanes) block.rollback()
      if (before === 0 || !(problem instanceof RowsTooLarge)) throw problem
      // How large it is by itself shows in blocks that hold nothing else.
      if (!lanes.map(lane => lane.begin()).every(Boolean)) throw new TooMuchWaits()
      return this.#take(signal, request)
    }
    const rows = lanes.reduce((sum, { block }) => sum + block.rows, 0) - before
    for (const lane of lanes) lane.added()
    return { rows, rejections }
  }

  #lanesOf (signal: Signal): ReadonlyArray<Pick<TableLane<RowBlock>, 'block' | 'added' | 'begin'>> {
    switch (signal) {
      case 'traces': return [this.#spans]
      case 'logs': return [this.#logs]
      case 'metrics': return Object.values(this.#metrics)
    }
  }

  #add (signal: Signal, request: Uint8Array, rejections: Rejections): void {
    switch (signal) {
      case 'traces': addSpans(this.#spans.block, request, rejections); break
      case 'logs': addLogs(this.#logs.block, request, rejections); break
      case 'metrics': {
        const { gauge, sum, histogram, exponentialHistogram, summary } = this.#metrics
        addMetrics({
          gauge: gauge.block, sum: sum.block, histogram: histogram.block, exponentialHistogram: exponentialHistogram.block, summary: summary.block
        }, request, rejections)
      }
    }
  }

  /** Resolves when what was taken so far can be found. */
  async flush (): Promise<void> {
    await Promise.all(this.#lanes.map(async lane => { await lane.flush() }))
  }

  async close (): Promise<void> {
    await this.#left.close()
    await Promise.all(this.#lanes.map(async lane => { await lane.close() }))
    this.#session.close()
  }
}

function signalOf (table: string): Signal {
  if (table === 'otel_traces') return 'traces'
  return table === 'otel_logs' ? 'logs' : 'metrics'
}
