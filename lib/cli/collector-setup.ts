import type { Command } from 'commander'
import { findProgram, namedBinary, type Program } from '../collector/find-program.ts'
import type { Installation } from '../collector/install.ts'
import { launchEnvironment } from '../collector/launch-environment.ts'
import { selectConfiguration, type Selection } from '../collector/selection.ts'
import { LETTA_OTEL_INVALID_ENVIRONMENT, LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import { EnvironmentReader, lettaDirectoryFrom } from '../options/environment.ts'
import { lettaPath, type CommandContext } from './command-context.ts'
import { formatValue } from './format-value.ts'
import type { Output } from './output.ts'

/** What commands of the collector are told; each takes some of it. */
export interface CollectorOptions {
  readonly config?: readonly string[]
  readonly binary?: string
  readonly mirror?: string
}

export function addConfigOption (command: Command): Command {
  return command.option('--config <name or file>', 'what it is to do, in place of what the environment says: one name, and files of your own, merged in this order',
    (one: string, before: string[] | undefined) => [...before ?? [], one])
}

export function addBinaryOption (command: Command): Command {
  return command.option('--binary <path>', 'a collector of your own (default: $LETTA_OTELCOL_BINARY, else the one that is installed)')
}

export function addMirrorOption (command: Command): Command {
  return command.option('--mirror <url>', 'a copy of the releases of the Collector (default: $LETTA_OTELCOL_MIRROR, else GitHub)')
}

/** The configuration and the environment that a collector gets, or would get. */
export function collectorSetup ({ env }: CommandContext, { config = [] }: CollectorOptions): { selection: Selection, environment: Record<string, string> } {
  const environment = launchEnvironment(env, lettaDirectoryFrom(new EnvironmentReader(env)))
  return { selection: selectConfiguration(config, environment), environment }
}

function programsDirectory (context: CommandContext): string {
  return lettaPath(context, 'bin')
}

/** Installs the collector where it is not there, and tells what is done. */
export async function installWith (context: CommandContext, { mirror }: CollectorOptions, output: Output): Promise<Installation> {
  // What it needs takes longer to load than most commands take in all.
  const { installCollector } = await import('../collector/install.ts')
  try {
    return await installCollector({
      directory: programsDirectory(context),
      mirror: mirrorFrom(mirror, context),
      env: context.env,
      onStep: step => {
        output.endProgress()
        output.say(step)
      },
      onProgress: (bytes, total) => {
        output.progress(total === undefined ? formatValue('bytes', bytes) : `${formatValue('bytes', bytes)} of ${formatValue('bytes', total)}`)
      }
    })
  } finally {
    output.endProgress()
  }
}

/** The collector that is to be used. One's own is never installed, nor replaced. */
export async function findCollector (context: CommandContext, { binary }: CollectorOptions): Promise<Program> {
  return await findProgram(namedBinary(binary, context.env), programsDirectory(context))
}

/** The same, installed before where it is letta-otel's and not there. */
export async function provideCollector (context: CommandContext, options: CollectorOptions, output: Output): Promise<Program> {
  if (namedBinary(options.binary, context.env) === undefined) await installWith(context, options, output)
  return await findCollector(context, options)
}

function mirrorFrom (option: string | undefined, { env }: CommandContext): URL | undefined {
  const variable = new EnvironmentReader(env).text('LETTA_OTELCOL_MIRROR')
  const text = option ?? variable
  if (text === undefined) return undefined
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return new URL(text)
  const fix = 'use an http: or https: URL, below which v<version>/<archive> are, as https://mirror.example/otelcol'
  throw option === undefined
    ? new LETTA_OTEL_INVALID_ENVIRONMENT('LETTA_OTELCOL_MIRROR', describeValue(text), fix)
    : new LETTA_OTEL_INVALID_OPTION('--mirror', describeValue(text), fix)
}
