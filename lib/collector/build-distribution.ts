import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access, copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LETTA_OTEL_COLLECTOR_BUILD_FAILED } from '../errors.ts'
import { makeDirectory } from '../export/make-directory.ts'
import type { Environment } from '../options/environment.ts'
import { COLLECTOR_VERSION } from './version.ts'

const BUILDER = `go.opentelemetry.io/collector/cmd/builder@v${COLLECTOR_VERSION}`

/** `distribution` is all that most configurations need; `distribution-datadog` has Datadog's exporter beside. */
export type Distribution = 'distribution' | 'distribution-datadog'

export interface BuildSettings {
  readonly env: Environment
  readonly homeDirectory: string
  /** Told what begins now; the builder and Go write to this process's standard error themselves. */
  onProgress (line: string): void
}

/**
 * Builds a collector with the OpenTelemetry Collector Builder, or finds the one that was built of the same manifest before, in
 * `$XDG_CACHE_HOME/letta-otel/collector/`. Needs Go. Two builds at once do not disturb each other.
 *
 * @returns path of the program
 * @throws LETTA_OTEL_COLLECTOR_BUILD_FAILED there is no Go, or it fails
 */
export async function buildDistribution (distribution: Distribution, settings: BuildSettings): Promise<string> {
  const program = await distributionPath(distribution, settings)
  if (await isExecutable(program)) return program
  settings.onProgress(`building ${program}: this takes several minutes`)
  const directory = await mkdtemp(join(tmpdir(), 'letta-otel-collector-'))
  try {
    await runBuilder(distribution, directory, settings.env)
    await makeDirectory(dirname(program))
    // Whoever looks meanwhile finds no program, or a whole one.
    const copy = `${program}.${randomUUID()}`
    await copyFile(join(directory, basename(program), basename(program)), copy)
    await rename(copy, program)
    return program
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Where the program of a manifest is, once it was built. A changed manifest is another program. */
export async function distributionPath (distribution: Distribution, { env, homeDirectory }: Pick<BuildSettings, 'env' | 'homeDirectory'>): Promise<string> {
  const hash = createHash('sha256').update(await readFile(manifestPath(distribution))).update(`${process.platform} ${process.arch}`)
  const cache = env['XDG_CACHE_HOME'] ?? ''
  const key = `${COLLECTOR_VERSION}-${hash.digest('hex').slice(0, 12)}`
  return join(cache === '' ? join(homeDirectory, '.cache') : cache, 'letta-otel', 'collector', key, distribution.replace('distribution', 'otelcol-letta'))
}

async function runBuilder (distribution: Distribution, directory: string, env: BuildSettings['env']): Promise<void> {
  const manifest = manifestPath(distribution)
  const builder = spawn('go', ['run', BUILDER, '--config', manifest], {
    cwd: directory,
    // Versions are the manifest's, whatever project this runs in.
    env: { ...env, GOWORK: 'off', GOFLAGS: `${env['GOFLAGS'] ?? ''} -mod=mod`.trim(), CGO_ENABLED: '0' },
    stdio: ['ignore', 2, 2]
  })
  const [code, signal] = await once(builder, 'exit').catch((problem: NodeJS.ErrnoException) => {
    throw new LETTA_OTEL_COLLECTOR_BUILD_FAILED(manifest, problem.code === 'ENOENT' ? 'there is no go on the PATH' : problem.message,
      'Install Go 1.26, or 1.25 with GOTOOLCHAIN=auto')
  })
  if (code !== 0) {
    throw new LETTA_OTEL_COLLECTOR_BUILD_FAILED(manifest, `the builder ended with ${signal ?? code}`, 'It says above what is wrong')
  }
}

function manifestPath (distribution: Distribution): string {
  return fileURLToPath(new URL(`${distribution}.yaml`, import.meta.url))
}

async function isExecutable (path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(() => true, () => false)
}
