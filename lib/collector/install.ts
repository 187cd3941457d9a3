import { chmod, open, rename, stat, truncate } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED, LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH, LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED,
  LETTA_OTEL_COLLECTOR_INSTALL_FAILED, LETTA_OTEL_COLLECTOR_UNUSABLE, withoutCredentials
} from '../errors.ts'
import { makeDirectory } from '../export/make-directory.ts'
import type { Environment } from '../options/environment.ts'
import { readChecksum, sha256Of } from './checksum.ts'
import { downloadFile, downloadText, type OnProgress } from './download.ts'
import { installedPath, isInstalled } from './installed.ts'
import { PATIENCE, type Patience } from './patience.ts'
import { releasePlatform } from './platform.ts'
import { askVersion } from './program.ts'
import { COLLECTOR_PROGRAM, releaseOf, type Release } from './release.ts'
import { ReleaseClient } from './release-client.ts'
import { ArchiveFault, unpackFile } from './unpack.ts'
import { COLLECTOR_VERSION } from './version.ts'
import { WorkFiles } from './work-files.ts'

export interface InstallOptions {
  /** Where programs go, each with its version in its name. Made where it is missing. */
  readonly directory: string
  /** A directory that holds releases as the project's own does. Its credentials are not shown. @default the project's releases */
  readonly mirror?: URL | undefined
  /** Names proxies. */
  readonly env: Environment
  /** @default those of this process */
  readonly platform?: { readonly system: string, readonly processor: string }
  /** @default COLLECTOR_VERSION */
  readonly version?: string
  readonly onProgress?: OnProgress
  /** Told what is done, in a few words. */
  readonly onStep?: (step: string) => void
  readonly patience?: Patience
  /** Bytes of a downloaded file, and of all that is in the archive. */
  readonly limits?: InstallLimits
}

export interface InstallLimits {
  readonly archiveBytes: number
  readonly unpackedBytes: number
}

/** A release of 2026 has 110 MB, and 400 MB unpacked. */
const LIMITS: InstallLimits = { archiveBytes: 512_000_000, unpackedBytes: 1_500_000_000 }
const CHECKSUM_BYTES_MAX = 65_536
const POLL_MS = 250

export interface Installation {
  readonly path: string
  readonly version: string
  /** False when it was there already. */
  readonly fetched: boolean
}

/**
 * Installs the collector where it is missing, does not run or is another version than its name says. Until everything is
 * verified, what was there stays as it is.
 *
 * @throws {LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM}
 * @throws {LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED}
 * @throws {LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH}
 * @throws {LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED}
 * @throws {LETTA_OTEL_COLLECTOR_INSTALL_FAILED}
 * @throws {LETTA_OTEL_COLLECTOR_UNUSABLE} what was released does not run here
 */
export async function installCollector (options: InstallOptions): Promise<Installation> {
  const { directory, version = COLLECTOR_VERSION, platform = { system: process.platform, processor: process.arch } } = options
  const release = releaseOf(version, releasePlatform(platform.system, platform.processor), options.mirror)
  const path = installedPath(directory, version)
  if (await isInstalled(directory, version)) return { path, version, fetched: false }
  const client = new ReleaseClient(options.env, options.patience ?? PATIENCE)
  try {
    await makeDirectory(directory, 0o700)
    const files = await WorkFiles.of(directory)
    await waitForOthers(files, release, options)
    return { path, version, fetched: await fetchRelease(client, files, release, options) }
  } catch (problem) {
    if (problem instanceof ArchiveFault) throw new LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED(release.archive, problem.message)
    throw isSystemError(problem) ? new LETTA_OTEL_COLLECTOR_INSTALL_FAILED(path, problem.message) : problem
  } finally {
    await client.close()
  }
}

async function waitForOthers (files: WorkFiles, { archive }: Release, { onStep }: InstallOptions): Promise<void> {
  if (!await files.isMadeElsewhere(archive)) return
  onStep?.('waiting for another process that installs it')
  do await wait(POLL_MS)
  while (await files.isMadeElsewhere(archive))
}

/** @returns false where somebody else has installed it meanwhile */
async function fetchRelease (client: ReleaseClient, files: WorkFiles, release: Release, options: InstallOptions): Promise<boolean> {
  const { archive, version } = release
  const path = installedPath(options.directory, version)
  const program = basename(path)
  try {
    const partial = await files.claim(archive)
    const isMissing = !await isInstalled(options.directory, version)
    if (isMissing) {
      await fetchArchive(client, partial, release, options)
      options.onStep?.('unpacking')
      await unpackFile(partial, COLLECTOR_PROGRAM, files.path(program), options.limits?.unpackedBytes ?? LIMITS.unpackedBytes)
      await put(files.path(program), path, version)
    }
    await files.remove(archive)
    return isMissing
  } catch (problem) {
    await files.remove(program)
    // The next attempt goes on where this one was cut off.
    await (problem instanceof LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED ? files.release(archive) : files.remove(archive))
    throw problem
  }
}

async function fetchArchive (client: ReleaseClient, partial: string, { archive, archiveUrl, checksumUrl }: Release, options: InstallOptions): Promise<void> {
  const { patience = PATIENCE, onProgress, onStep } = options
  onStep?.(`downloading ${withoutCredentials(archiveUrl.href)}`)
  const expected = readChecksum(await downloadText(client, checksumUrl, { maxBytes: CHECKSUM_BYTES_MAX, patience }), archive)
  if (expected === undefined) throw new ArchiveFault('the file that belongs to it holds no SHA-256 of it')
  const download = { maxBytes: options.limits?.archiveBytes ?? LIMITS.archiveBytes, patience, onProgress }
  const isContinued = (await stat(partial)).size > 0
  await downloadFile(client, archiveUrl, partial, download)
  let found = await sha256Of(partial)
  // What a process left that was killed, or a server has replaced since, may be no beginning of this.
  if (found !== expected && isContinued) {
    await truncate(partial)
    await downloadFile(client, archiveUrl, partial, download)
    found = await sha256Of(partial)
  }
  if (found !== expected) throw new LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH(archive, expected, found)
}

/** Puts a program in the place of another at one stroke, once it has shown that it runs. */
async function put (from: string, to: string, version: string): Promise<void> {
  await chmod(from, 0o755)
  const answer = await askVersion(from)
  const problem = 'problem' in answer ? answer.problem : answer.version === version ? undefined : `it says that it is version ${answer.version}`
  if (problem !== undefined) throw new LETTA_OTEL_COLLECTOR_UNUSABLE(basename(to), problem, 'Name another one with --binary')
  await rename(from, to)
  const directory = await open(dirname(to))
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function isSystemError (problem: unknown): problem is NodeJS.ErrnoException {
  return problem instanceof Error && 'syscall' in problem
}
