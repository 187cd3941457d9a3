import { Worker } from 'node:worker_threads'
import { noCounts } from './carrier-stats.ts'
import type { CarrierOptions, OnProblem } from './carrier.ts'
import { LATE_MS, sharedClockMs } from './closing-time.ts'
import { handOver } from './hand-over.ts'
import { CHANNELS, parcelBytes, type Channel, type Parcel } from './parcel.ts'
import { withinTime } from './within-time.ts'
import type { FromWorker, Progress, ToWorker } from './worker-messages.ts'

/** What is told of a worker. */
export interface WorkerListener {
  onReady (): void
  /** What it holds no longer, since the last time. */
  onRelease (bytes: number, counts: Readonly<Record<Channel, number>>): void
  /** Memory of parcels comes back. */
  onSpent (buffers: readonly ArrayBuffer[]): void
  readonly onProblem: OnProblem
  /** It ended, and nobody had asked for it. */
  onEnd (error: Error | undefined): void
}

/** Milliseconds that an answer may take to come from one thread to the other. */
const GRACE_MS = 100

/** One worker thread, from its start to its end. */
export class WorkerLink {
  readonly #worker: Worker
  readonly #listener: WorkerListener
  readonly #asked = new Map<number, (complete: boolean) => void>()
  readonly #posted: Record<Channel, number> = { traces: 0, metrics: 0, logs: 0, logFile: 0 }
  #postedBytes = 0
  #progress: Progress = { stats: { signals: noCounts(), spoolBytes: 0 }, released: { bytes: 0, counts: { traces: 0, metrics: 0, logs: 0, logFile: 0 } } }
  #lastId = 0
  #ended = false

  /** @throws when no thread can be started, or `entry` is no URL */
  constructor (entry: URL, options: CarrierOptions, listener: WorkerListener) {
    this.#listener = listener
    // What the application preloads must not observe this thread too: letta-otel/register would start another worker.
    this.#worker = new Worker(entry, {
      workerData: options,
      name: 'letta-otel',
      env: {},
      execArgv: execArgvFor(entry),
      // Requests are memory outside of V8's heap, which is given back when the little objects that hold it are collected:
      // often, this way. It saves 15 to 40 MB under load and costs no time that can be measured.
      resourceLimits: { maxYoungGenerationSizeMb: 2 }
    })
    let error: Error | undefined
    this.#worker.on('error', fault => { error = fault as Error })
    this.#worker.on('exit', () => { this.#end(error) })
    this.#worker.on('message', (message: FromWorker) => { this.#receive(message) })
    // Last, because to listen undoes it.
    this.#worker.unref()
  }

  get progress (): Progress {
    return this.#progress
  }

  /** What it was given and has neither sent, nor dropped, nor brought to the disk, as far as it has said. */
  get held (): { bytes: number, counts: Record<Channel, number> } {
    const { released } = this.#progress
    return { bytes: this.#postedBytes - released.bytes, counts: difference(this.#posted, released.counts) }
  }

  /** @throws {DOMException} the parcel's memory was given away before */
  deliver (parcel: Parcel): void {
    const bytes = parcelBytes(parcel)
    const { parcel: message, transfer } = handOver(parcel)
    this.#post({ type: 'take', parcel: message }, transfer)
    this.#postedBytes += bytes
    this.#posted[parcel.signal] += parcel.count
  }

  async flush (timeoutMs: number): Promise<boolean> {
    return await this.#ask('flush', timeoutMs)
  }

  /** Ends the worker, when it is done or the time is up. */
  async close (timeoutMs: number): Promise<boolean> {
    const complete = await this.#ask('close', timeoutMs)
    await this.end()
    return complete
  }

  /** Ends the worker at once. */
  async end (): Promise<void> {
    this.#ended = true
    await this.#worker.terminate()
  }

  /** The answer; false when there is none in time. Only meanwhile the worker keeps the process alive. */
  async #ask (type: 'flush' | 'close', timeoutMs: number): Promise<boolean> {
    if (this.#ended) return false
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#asked.set(id, resolve)
    this.#worker.ref()
    this.#post({ type, id, deadlineMs: sharedClockMs() + timeoutMs })
    let complete = false
    await withinTime(promise.then(answer => { complete = answer }), timeoutMs + LATE_MS + GRACE_MS)
    this.#asked.delete(id)
    if (this.#asked.size === 0) this.#worker.unref()
    return complete
  }

  #post (message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #receive (message: FromWorker): void {
    switch (message.type) {
      case 'ready': this.#listener.onReady(); break
      case 'problem': this.#listener.onProblem(message.problem); break
      case 'done': this.#asked.get(message.id)?.(message.complete); break
      case 'progress': {
        const { released: before } = this.#progress
        const { released } = this.#progress = message.progress
        this.#listener.onRelease(released.bytes - before.bytes, difference(released.counts, before.counts))
        this.#listener.onSpent(message.spent)
      }
    }
  }

  #end (error: Error | undefined): void {
    for (const answer of this.#asked.values()) answer(false)
    if (this.#ended) return
    this.#ended = true
    this.#listener.onEnd(error)
  }
}

function difference (more: Readonly<Record<Channel, number>>, less: Readonly<Record<Channel, number>>): Record<Channel, number> {
  const left = { ...more }
  for (const signal of CHANNELS) left[signal] -= less[signal]
  return left
}

/** Of the sources, where Node does not take off types by itself, the worker has to. */
function execArgvFor (entry: URL): string[] {
  const strips = (process.features as { typescript?: unknown }).typescript
  return entry.pathname.endsWith('.ts') && strips === false ? ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'] : []
}
