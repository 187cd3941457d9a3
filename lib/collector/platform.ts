import { LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM } from '../errors.ts'

/** An operating system and a processor, as releases of the Collector name them. */
export interface ReleasePlatform {
  readonly os: string
  readonly arch: string
}

const SYSTEMS: ReadonlyMap<string, string> = new Map([['darwin', 'darwin'], ['linux', 'linux']])
const PROCESSORS: ReadonlyMap<string, string> = new Map([['x64', 'amd64'], ['arm64', 'arm64']])

/**
 * @param system `process.platform`
 * @param processor `process.arch`
 * @throws {LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM} Windows, for one
 */
export function releasePlatform (system: string, processor: string): ReleasePlatform {
  const os = SYSTEMS.get(system)
  const arch = PROCESSORS.get(processor)
  if (os !== undefined && arch !== undefined) return { os, arch }
  const known = [...SYSTEMS.values()].flatMap(system => [...PROCESSORS.values()].map(processor => `${system}/${processor}`))
  throw new LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM(`${system}/${processor}`, known.join(', '))
}
