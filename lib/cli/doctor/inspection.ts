import type { Environment } from '../../options/environment.ts'
import { connect, type Connection } from './connect.ts'
import { lettaDirectory, readConfiguration, type Configuration } from './configuration.ts'
import { lookAtStore, type StoreView } from './look-at-store.ts'
import { sendProbe, type Probe } from './send-probe.ts'
import { readCollector, usualAddresses, type CollectorAddresses, type CollectorView } from '../../collector/read-collector.ts'

export interface InspectionSettings {
  readonly env: Environment
  /** In place of the one of the environment, as the option of the same name. */
  readonly endpoint?: string | undefined
  /** In place of the usual ports on the endpoint's host. */
  readonly collector?: Partial<CollectorAddresses> | undefined
  /** Milliseconds that anything that is asked has to answer. */
  readonly timeoutMs: number
}

/** What checks look at. What several of them need is looked at once, when the first of them asks. */
export class Inspection {
  readonly env: Environment
  readonly timeoutMs: number
  readonly lettaDirectory: string
  /** Nothing where it cannot be read; `problem` says why. */
  readonly configuration: Configuration | undefined
  readonly problem: Error | undefined
  /** Whether somebody said where the collector's health check is, and where its metrics are. */
  readonly isHealthNamed: boolean
  readonly areMetricsNamed: boolean
  readonly #addresses: Partial<CollectorAddresses>
  #connections: Promise<readonly Connection[]> | undefined
  #probe: Promise<Probe> | undefined
  #store: Promise<StoreView> | undefined
  #collector: Promise<CollectorView> | undefined

  constructor ({ env, endpoint, collector = {}, timeoutMs }: InspectionSettings) {
    this.env = env
    this.timeoutMs = timeoutMs
    this.lettaDirectory = lettaDirectory(env)
    this.isHealthNamed = collector.health !== undefined
    this.areMetricsNamed = collector.metrics !== undefined
    this.#addresses = collector
    try {
      this.configuration = readConfiguration(env, endpoint)
    } catch (problem) {
      this.problem = problem as Error
    }
  }

  /** Why nothing is sent; nothing where something is. */
  get notSent (): string | undefined {
    const { configuration } = this
    if (configuration === undefined) return 'the configuration cannot be read'
    if (configuration.disabled) return 'telemetry is off'
    return configuration.endpoints === undefined ? `telemetry is not sent: its destination is ${configuration.runtime.destination}` : undefined
  }

  /** One to each address that signals are sent to. */
  async connections (): Promise<readonly Connection[]> {
    return await (this.#connections ??= this.#connect())
  }

  /** Nothing where no spans are sent. */
  async probe (): Promise<Probe | undefined> {
    const { configuration } = this
    const endpoints = this.notSent === undefined ? configuration?.endpoints : undefined
    const url = endpoints?.endpoints.traces
    if (configuration === undefined || endpoints === undefined || url === undefined || !configuration.runtime.signals.traces) return undefined
    return await (this.#probe ??= sendProbe(url, endpoints.settings.traces, configuration.runtime, this.timeoutMs))
  }

  async store (): Promise<StoreView> {
    return await (this.#store ??= lookAtStore(this.env, this.lettaDirectory, this.timeoutMs))
  }

  /** Nothing where nothing is sent. */
  async collector (): Promise<CollectorView | undefined> {
    const endpoint = this.notSent === undefined ? this.configuration?.endpoints?.endpoints.traces : undefined
    if (endpoint === undefined) return undefined
    return await (this.#collector ??= readCollector({ ...usualAddresses(endpoint, this.env), ...this.#addresses }, this.timeoutMs))
  }

  async #connect (): Promise<Connection[]> {
    const { endpoints, settings } = this.configuration?.endpoints ?? { endpoints: {}, settings: undefined }
    const byOrigin = new Map<string, () => Promise<Connection>>()
    for (const [signal, url] of Object.entries(endpoints) as Array<['traces' | 'metrics' | 'logs', string]>) {
      byOrigin.set(new URL(url).origin, async () => await connect(url, settings?.[signal].tls ?? {}, this.timeoutMs))
    }
    return await Promise.all([...byOrigin.values()].map(async open => await open()))
  }
}
