import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { Carrier } from '../export/carrier.ts'
import type { RuntimeOptions } from '../options.ts'
import type { SeriesMeter } from '../recorder/series-meter.ts'
import { FastEngine } from './fast-engine.ts'
import type { MemoryDestination } from './memory-destination.ts'
import type { Report } from './reporter.ts'
import { SdkEngine } from './sdk-engine.ts'
import type { EngineStats } from './telemetry-stats.ts'

/** What records telemetry and makes it leave. */
export interface Engine {
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
  /** Where a person finds the telemetry, for example a URL without credentials or a folder. */
  readonly location: string
  /** What is kept in memory, with destination 'memory'. */
  readonly memory?: MemoryDestination
  /** What its telemetry goes with, where that is no exporter of the SDK's; other signals may go with it. */
  readonly carrier?: Carrier
  readonly stats: EngineStats
  /** Instruments that are quicker than those of the meter provider, where metrics are exported. */
  seriesMeter? (name: string, version: string | undefined): SeriesMeter | undefined
  /** Sends everything that was recorded. Never rejects. @returns whether all of it arrived in time */
  flush (timeoutMs: number): Promise<boolean>
  /** Sends what it can and stops for good. Never rejects. @returns whether nothing was lost */
  shutdown (timeoutMs: number): Promise<boolean>
}

export function openEngine (options: RuntimeOptions, resource: Resource, report: Report): Engine {
  return options.engine === 'fast' ? new FastEngine(options, resource, report) : new SdkEngine(options, resource, report)
}
