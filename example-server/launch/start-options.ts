import { parseArgs } from 'node:util'
import { SettingError } from '../environment.ts'

export interface StartOptions {
  /** Words for the collector; nothing where none is to run. */
  readonly collector: readonly string[] | undefined
}

const USAGE = 'Usage: npm start -- --collector, or npm start -- --collector --config file-dev'
const ENDPOINTS = ['', '_TRACES', '_METRICS', '_LOGS'].map(signal => `OTEL_EXPORTER_OTLP${signal}_ENDPOINT`)

/** @throws {SettingError} the arguments cannot work, alone or with the environment */
export function startOptions (args: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const { collector, config } = parse(args)
  if (!collector) {
    if (config.length > 0) throw new SettingError(`--config is for a collector. ${USAGE}`)
    return { collector: undefined }
  }
  const endpoint = ENDPOINTS.find(name => env[name]?.trim())
  if (endpoint !== undefined) throw new SettingError(`${endpoint} names another collector: unset it, or leave --collector out.`)
  return { collector: config.flatMap(name => ['--config', name]) }
}

function parse (args: readonly string[]): { collector: boolean, config: string[] } {
  try {
    return parseArgs({
      args: [...args],
      options: { collector: { type: 'boolean', default: false }, config: { type: 'string', multiple: true, default: [] } }
    }).values
  } catch (problem) {
    throw new SettingError(`${(problem as Error).message}. ${USAGE}`)
  }
}
