import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Checks } from '../../fixtures/checks.ts'
import { App, type AppOptions } from './app.ts'
import { Collector } from './collector.ts'
import { Load, type Answered } from './load.ts'

/** One line of the table: what was observed. */
export interface Observation {
  /** Requests that were answered: each has to leave a span. */
  answered: number
  /** Of those, spans that the collector acknowledged. */
  acknowledged: number
  /** Spans that it acknowledged more than once. */
  twice: number
  /** Spans that the application counted as dropped. */
  dropped: number
  note?: string
}

/** What a scenario works with; everything in it is gone when it ends. */
export class Scenario extends Checks {
  readonly collector: Collector
  readonly load = new Load()
  readonly directory = mkdtempSync(join(tmpdir(), 'letta-otel-faults-'))
  readonly #apps: App[] = []
  readonly #loads = [this.load]

  constructor (collector: Collector) {
    super()
    this.collector = collector
  }

  async startApp (options: Partial<AppOptions> = {}): Promise<App> {
    const app = await App.start({ endpoint: this.collector.url, lettaDirectory: this.directory, ...options })
    this.#apps.push(app)
    return app
  }

  /** A second source of load, for a second application. */
  anotherLoad (): Load {
    const load = new Load()
    this.#loads.push(load)
    return load
  }

  /** Every request that was answered, whoever sent it. */
  get answered (): Answered[] {
    return this.#loads.flatMap(({ answered }) => answered)
  }

  /** Sends load for so long. */
  async send (app: App, seconds: number, { rate = 200, path = '/work' } = {}): Promise<void> {
    await this.load.run({ url: app.url + path, rate, milliseconds: seconds * 1_000 })
  }

  /** Answered requests whose span was not acknowledged. */
  get missing (): Answered[] {
    return this.answered.filter(({ spanId }) => !this.collector.acknowledged.has(spanId))
  }

  /** Waits until everything that was answered is acknowledged, and says whether it is. */
  async drained (seconds: number): Promise<boolean> {
    const ids = new Set(this.answered.map(({ spanId }) => spanId))
    const isDrained = (): boolean => {
      for (const id of ids) {
        if (!this.collector.acknowledged.has(id)) return false
        ids.delete(id)
      }
      return true
    }
    return await this.collector.until(isDrained, seconds * 1_000)
  }

  /** Nothing is missing, nothing came again after it was acknowledged, and everything was what OTLP says. */
  async checkAllArrived (app: App, seconds = 30): Promise<void> {
    await this.drained(seconds)
    this.checkUndisturbed()
    this.equal('no span is missing', this.missing.length, 0)
    this.checkOnce()
    // The last acknowledgement may still be on its way to the application.
    await app.flush()
    this.equal('the application dropped none', (await app.stats()).spans.failed, 0)
  }

  /** The application answered everything that it was asked. */
  checkUndisturbed (): void {
    this.check('there was load', this.answered.length > 0)
    this.equal('no request failed', this.#loads.map(({ failed }) => failed).filter(failed => Object.keys(failed).length > 0), [])
  }

  checkOnce (): void {
    this.equal('no span was acknowledged twice', this.collector.twice, 0)
    this.equal('every request was valid protobuf', this.collector.invalid, 0)
    this.equal('no span ends before it starts', this.collector.negative.length, 0)
  }

  async observed (app: App | undefined, note?: string): Promise<Observation> {
    return {
      answered: this.answered.length,
      acknowledged: this.answered.length - this.missing.length,
      twice: this.collector.twice,
      dropped: app === undefined ? 0 : (await app.stats()).spans.failed,
      ...note === undefined ? {} : { note }
    }
  }

  async close (): Promise<void> {
    await Promise.all([...this.#loads, ...this.#apps].map(async one => { await one[Symbol.asyncDispose]() }))
    await this.collector.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Prefix of the line that holds an observation, for who runs the scenario. */
export const OBSERVED = '# observed '

/** Runs a scenario in this process: `node test/faults/scenarios/<name>.ts`. */
export async function scenario (name: string, run: (s: Scenario) => Promise<Observation>): Promise<void> {
  console.log(`# ${name}`)
  const s = new Scenario(await Collector.start())
  try {
    console.log(OBSERVED + JSON.stringify({ name, ...await run(s) }))
  } catch (fault) {
    s.check(`${name} runs to its end`, false, String(fault))
  } finally {
    await s.close()
  }
  s.sumUp()
}
