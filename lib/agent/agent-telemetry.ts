import type { Meter, Tracer } from '@opentelemetry/api'
import { getContextAttributes } from '../ambient/context-attributes.ts'
import type { ResolvedAgentOptions } from '../options.ts'
import { redactionRules } from '../redaction/redact-json.ts'
import type { AgentSettings, Rows } from './agent-settings.ts'
import { CurrentWork } from './current-work.ts'
import { Instruments } from './instruments.ts'
import { NO_JOBS, StoredJobs, type Jobs } from './jobs.ts'
import { LaterTasks } from './later-tasks.ts'
import { NO_ROWS } from './no-rows.ts'
import { OpenWork } from './open-work.ts'
import { NO_PROVIDER_TRACES, StoredProviderTraces, type ProviderTraces } from './provider-traces.ts'
import { RunWork, type Run, type RunOptions } from './run.ts'
import { WallClock } from './wall-clock.ts'
import { watchFetch } from './watch-fetch.ts'

/** What `app.telemetry` records of agents' work. */
export interface AgentTelemetry {
  /**
   * A fetch for clients of model providers: calls of OpenAI's and Anthropic's APIs, at whichever host, are recorded with
   * model, tokens, cost and outcome. Everything is handed on as it is, chunk by chunk.
   *
   * @example
   * const openai = new OpenAI({ fetch: app.telemetry.fetch })
   */
  readonly fetch: typeof fetch
  /**
   * Runs an agent. The run ends with the callback, however that ends; where the callback returns what is still to be read
   * (an iteration, a web stream, a response), with that. Within the callback of other work it is part of that; within work
   * begun by hand, only where that is said: `step.within(() => app.telemetry.run(…))`.
   */
  run<Result> (work: (run: Run) => Result): Result
  run<Result> (options: RunOptions, work: (run: Run) => Result): Result
  /** Begins a run that is ended by hand. */
  startRun (options?: RunOptions): Run
  /**
   * Measures a file that was processed, for `hist_file_process_bytes`, with the ambient attributes of the work or request that
   * it was processed for. Never throws; what is no size is left out.
   *
   * @param bytes its size
   */
  recordFile (bytes: number): void
  /** Times of jobs. */
  readonly jobs: Jobs
  /** What providers were asked and what they answered. */
  readonly providerTraces: ProviderTraces
}

/** An application's agent telemetry, and what ends it. */
export interface ObservedAgents {
  readonly telemetry: AgentTelemetry
  /** Hands on what waits; resolves when the rows are written, spooled or counted as lost. */
  flush (): Promise<void>
  /** Ends what is open, as incomplete where nothing else is known of it. Its rows wait for a flush. */
  giveUp (): void
  /** Work that has not ended, and work that was ended because too much was open. */
  stats (): OpenWork['stats']
}

/** What agent telemetry is recorded with. */
export interface AgentMeans {
  readonly tracer: Tracer
  readonly meter: Meter
  readonly rows: Rows
  /** For the application's log. */
  readonly warn: (warning: string) => void
  /** The same, for what is said once however often it happens. */
  readonly report: (problem: string) => void
  readonly onFault: (fault: unknown) => void
}

export function observeAgents ({ prices, payloads, maxOpen }: ResolvedAgentOptions, { tracer, meter, rows, warn, report, onFault }: AgentMeans): ObservedAgents {
  const kept = rows !== NO_ROWS
  const instruments = new Instruments(meter, onFault)
  const settings: AgentSettings = {
    tracer,
    instruments,
    clock: new WallClock(),
    keep (table, row) {
      try {
        rows.write(table, row)
      } catch (fault) {
        onFault(fault)
      }
    },
    prices,
    // Without a store there is nowhere to keep them, and so no reason to redact them.
    payloads: payloads && kept ? { redaction: redactionRules(payloads.redact.keys, payloads.redact.patterns), maxSize: payloads.maxSize } : undefined,
    redaction: redactionRules(payloads?.redact.keys ?? [], payloads?.redact.patterns ?? []),
    current: new CurrentWork(),
    later: new LaterTasks(onFault),
    open: new OpenWork(max => {
      instruments.add('abandonedWork', 1, {})
      report(`${max} runs, steps, LLM calls and tools were open at a time: those that rested longest were ended as incomplete. End what startRun() and its likes begin, or give agents.maxOpen room for more`)
    }, maxOpen),
    onFault
  }

  async function flush (): Promise<void> {
    await settings.later.done()
    await rows.flush()
  }

  return {
    telemetry: {
      fetch: watchFetch(settings),
      run<Result> (optionsOrWork: RunOptions | ((run: Run) => Result), work?: (run: Run) => Result): Result {
        const [options, callback] = typeof optionsOrWork === 'function' ? [undefined, optionsOrWork] : [optionsOrWork, work as (run: Run) => Result]
        const run = new RunWork(settings, settings.current.findCallback(), options)
        return run.contain(() => callback(run))
      },
      startRun (options) {
        // It may outlive the work that it is begun in, and so is no part of it.
        const run = new RunWork(settings, undefined, options, settings.current.findCallback()?.ambient)
        settings.current.enter(run)
        return run
      },
      recordFile (bytes) {
        if (Number.isFinite(bytes) && bytes >= 0) settings.instruments.record('fileProcessBytes', bytes, { ...settings.current.find()?.ambient ?? getContextAttributes() })
      },
      jobs: kept ? new StoredJobs(rows, warn) : NO_JOBS,
      providerTraces: kept ? new StoredProviderTraces(rows, settings) : NO_PROVIDER_TRACES
    },
    flush,
    giveUp () {
      settings.open.giveUp()
      settings.later.drain()
    },
    stats: () => settings.open.stats
  }
}
