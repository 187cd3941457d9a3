import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const MANIFESTS = ['package.json', 'package-lock.json']

/** Makes `test/bench/node_modules` a link to an installation of the locked versions, which checkouts share. */
export function installPeers (): void {
  const link = join(HERE, 'node_modules')
  const entry = lstatSync(link, { throwIfNoEntry: false })
  if (entry?.isDirectory() === true) return
  const installation = join(cacheDirectory(), lockDigest())
  if (!existsSync(installation)) install(installation)
  if (entry !== undefined) rmSync(link)
  symlinkSync(join(installation, 'node_modules'), link, 'dir')
}

/** An installation is there as a whole or not at all. */
function install (installation: string): void {
  const partial = `${installation}.${process.pid}`
  mkdirSync(partial, { recursive: true })
  try {
    for (const name of MANIFESTS) copyFileSync(join(HERE, name), join(partial, name))
    // Whatever has to be compiled for speed comes prebuilt in these packages.
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: partial, stdio: ['ignore', 'ignore', 'inherit'] })
    if (!existsSync(installation)) renameSync(partial, installation)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

function cacheDirectory (): string {
  for (const parent of [process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), tmpdir()]) {
    const directory = join(parent, 'letta-otel-bench')
    try {
      mkdirSync(directory, { recursive: true })
      return directory
    } catch {
      // A home that is read-only or missing: the temporary directory is the other place.
    }
  }
  throw new Error('there is no directory to install to: set XDG_CACHE_HOME to one that can be written')
}

/** The lock, and the Node that chose among optional packages. */
function lockDigest (): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`)
  for (const name of MANIFESTS) hash.update(readFileSync(join(HERE, name)))
  return hash.digest('hex').slice(0, 16)
}
