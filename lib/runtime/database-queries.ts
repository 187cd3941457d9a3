import { registerInstrumentations } from '@opentelemetry/instrumentation'
import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { RuntimeOptions } from '../options.ts'
import { applicationPackage } from './application-package.ts'
import { loadedModules } from './loaded-modules.ts'
import type { Report } from './reporter.ts'
import { workingDirectory } from './working-directory.ts'

/** Query spans that are on their way, or there. */
export interface DatabaseQueries {
  /** When queries are traced; never rejects. */
  readonly ready: Promise<void>
  stop (): void
}

const INSTRUMENTATION = '@opentelemetry/instrumentation-pg'
const PG = { pg: 'lib/index.js', 'pg-pool': 'index.js' }

/**
 * Traces the queries of `pg`, where the application has loaded it or names it in its package.json, unless the user brings
 * an instrumentation for it. An application without a database shall not pay for loading one: it takes 30 ms.
 */
export function instrumentDatabaseQueries (
  options: RuntimeOptions, providers: { tracerProvider: TracerProvider, meterProvider: MeterProvider }, ownSdk: boolean, report: Report
): DatabaseQueries {
  const { instrumentations } = options
  let stop: (() => void) | undefined
  let stopped = false
  const wanted = ownSdk && instrumentations !== false &&
    !instrumentations.some(({ instrumentationName }) => instrumentationName === INSTRUMENTATION) && usesPostgres()

  async function start (): Promise<void> {
    try {
      const { PostgresInstrumentation } = await import('./postgres-instrumentation.ts')
      if (stopped) return
      const instrumentation = new PostgresInstrumentation()
      stop = registerInstrumentations({ ...providers, instrumentations: [instrumentation] })
      instrumentation.patchLoaded(loadedModules(PG))
    } catch (error) {
      report(`queries of pg are not traced: ${(error as Error).message}`)
    }
  }

  return {
    ready: wanted ? start() : Promise.resolve(),
    stop () {
      stopped = true
      stop?.()
    }
  }
}

function usesPostgres (): boolean {
  return applicationPackage(workingDirectory()).dependencies?.includes('pg') === true || loadedModules(PG).length > 0
}
