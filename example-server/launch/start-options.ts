import { parseArgs } from 'node:util'
import { SettingError } from '../environment.ts'
import { isUndecided } from './telemetry-place.ts'

export interface StartOptions {
  /** What takes telemetry and is started with the example. */
  readonly receiver: 'backend' | 'collector' | 'none'
  /** Words for a collector. */
  readonly words: readonly string[]
}

const USAGE = 'Usage: npm start, npm start -- --no-backend, npm start -- --collector, or npm start -- --collector --config file-dev'
const ENDPOINTS = ['', '_TRACES', '_METRICS', '_LOGS'].map(signal => `OTEL_EXPORTER_OTLP${signal}_ENDPOINT`)

/**
 * A backend, unless the arguments say otherwise or the environment says where telemetry goes.
 *
 * @throws {SettingError} the arguments cannot work, alone or with the environment
 */
export function startOptions (args: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const { collector, config, 'no-backend': noBackend } = parse(args)
  if (!collector) {
    if (config.length > 0) throw new SettingError(`--config is for a collector. ${USAGE}`)
    return { receiver: noBackend || !isUndecided(env) ? 'none' : 'backend', words: [] }
  }
  const endpoint = ENDPOINTS.find(name => env[name]?.trim())
  if (endpoint !== undefined) throw new SettingError(`${endpoint} names another collector: unset it, or leave --collector out.`)
  return { receiver: 'collector', words: config.flatMap(name => ['--config', name]) }
}

function parse (args: readonly string[]): { collector: boolean, config: string[], 'no-backend': boolean } {
  try {
    return parseArgs({
      args: [...args],
      options: {
        collector: { type: 'boolean', default: false },
        config: { type: 'string', multiple: true, default: [] },
        'no-backend': { type: 'boolean', default: false }
      }
    }).values
  } catch (problem) {
    throw new SettingError(`${(problem as Error).message}. ${USAGE}`)
  }
}
