import { join } from 'node:path'
import type { Command } from 'commander'
import type { SignalSource } from '../collector/signals.ts'
import { LETTA_OTEL_STORE_NOT_MIGRATED, LETTA_OTEL_STORE_TOO_NEW } from '../errors.ts'
import { EnvironmentReader, lettaDirectoryFrom, type Environment } from '../options/environment.ts'
import type { Engine } from '../store/engine.ts'
import { schemaStatus } from '../store/migrate.ts'
import { openEngine } from '../store/open-store.ts'
import { storeOptionsFromEnvironment, type CommonStoreOptions, type EmbeddedOptions, type StoreOptions } from '../store/store-options.ts'
import { Output, type Sink } from './output.ts'

/** What a command works with; nothing of it is the process's own. */
export interface CommandContext {
  readonly env: Environment
  readonly stdout: Sink
  readonly stderr: Sink
  /** Where signals to the process arrive. */
  readonly signals: SignalSource
  /** Told how the command ended, when it ended other than well: one of `EXIT`, or what a program that was run said. */
  exit (code: number): void
}

/** Answers of a command, as its `--json` says. */
export function outputOf (context: CommandContext, command: Command): Output {
  return new Output(context.stdout, context.stderr, command.optsWithGlobals<{ json?: boolean }>().json === true)
}

/** `$LETTA_DIR/<name>`; `LETTA_DIR` is `~/.letta` when it is not set. */
export function lettaPath ({ env }: CommandContext, name: string): string {
  return join(lettaDirectoryFrom(new EnvironmentReader(env)), name)
}

/** Whether the store is in this process: no server is named. */
export function isEmbedded ({ env }: CommandContext): boolean {
  return storeOptionsFromEnvironment(env) === undefined
}

/**
 * Works with the engine that the environment names: a server, else the embedded one in `$LETTA_DIR/data`.
 *
 * @param options `connectionArguments` are for the embedded engine: a server has its own configuration
 */
export async function withEngine<T> (
  context: CommandContext, work: (engine: Engine) => Promise<T>, options: Pick<EmbeddedOptions & CommonStoreOptions, 'connectionArguments' | 'queryTimeoutMs'> = {}
): Promise<T> {
  const database = context.env['CLICKHOUSE_DATABASE']?.trim()
  const location: StoreOptions = storeOptionsFromEnvironment(context.env) ?? {
    path: lettaPath(context, 'data'), ...(database !== undefined && database !== '' && { database })
  }
  const engine = await openEngine({ ...location, ...options })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** @throws LETTA_OTEL_STORE_NOT_MIGRATED tables are missing or older than this code; LETTA_OTEL_STORE_TOO_NEW they are newer */
export async function requireSchema (engine: Engine): Promise<void> {
  const { present, known, pending } = await schemaStatus(engine)
  if (present > known) throw new LETTA_OTEL_STORE_TOO_NEW(engine.database, present, known)
  if (pending.length > 0) throw new LETTA_OTEL_STORE_NOT_MIGRATED(engine.database, present, known)
}
