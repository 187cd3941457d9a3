import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Outcome {
  readonly ok: boolean
  /** All it wrote. */
  readonly text: string
  /** The last line of its output, where a consumer prints what it saw. */
  readonly said: Readonly<Record<string, unknown>>
}

/** A directory outside the checkout with a project that installed the package; it goes when the process ends. */
export class ConsumerProject {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'letta-otel-pack-')))

  constructor (source: string, packages: readonly string[]) {
    process.on('exit', () => { rmSync(this.directory, { recursive: true, force: true }) })
    // prepack builds; the versions are those of the lock.
    npm(source, ['pack', '--silent', '--pack-destination', this.directory])
    const locked = readJson(join(source, 'package-lock.json')).packages as Record<string, { version: string }>
    const versions = packages.map(name => `${name}@${locked[`node_modules/${name}`]!.version}`)
    this.write('package.json', JSON.stringify({ name: 'pack-consumer', version: '1.2.3', private: true }))
    npm(this.directory, ['install', '--prefer-offline', '--silent', '--no-audit', '--no-fund', ...globSync('*.tgz', { cwd: this.directory }).map(name => `./${name}`), ...versions])
  }

  path (name: string): string {
    return join(this.directory, name)
  }

  write (name: string, text: string): void {
    writeFileSync(this.path(name), text)
  }

  /** Runs this Node there, without what the environment says about telemetry or npm. */
  node (args: readonly string[], env: NodeJS.ProcessEnv = {}): Outcome {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|LETTA_|NODE_ENV$|NODE_OPTIONS$|npm_)/.test(name))
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: this.directory, encoding: 'utf8', timeout: 120_000, env: { ...Object.fromEntries(inherited), LETTA_DIR: this.path('letta'), ...env }
    })
    const last = stdout.trimEnd().split('\n').at(-1) ?? ''
    return { ok: status === 0, text: `${stdout}${stderr}`, said: last.startsWith('{') ? JSON.parse(last) as Record<string, unknown> : {} }
  }
}

function npm (cwd: string, args: readonly string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

export function readJson (path: string): any {
  return JSON.parse(readFileSync(path, 'utf8'))
}
