import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const ANSWER_MS = 20_000

/** What a program says of itself. */
export type ProgramVersion = { readonly version: string } | { readonly problem: string }

/** Asks a program that should be a collector which version it is. */
export async function askVersion (path: string): Promise<ProgramVersion> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: ANSWER_MS, maxBuffer: 65_536, windowsHide: true })
    // `otelcol-contrib version 0.161.0`, whatever a distribution calls itself.
    const version = /^\S+ version v?(\d+\.\d+\.\S+)/m.exec(stdout)?.[1]
    return version === undefined ? { problem: 'it does not say its version when it is asked with --version' } : { version }
  } catch (problem) {
    return { problem: reasonOf(problem as NodeJS.ErrnoException & { killed?: boolean, code?: string | number }) }
  }
}

/** Not the error's own words: they repeat the command line. */
function reasonOf ({ code, killed }: { code?: string | number, killed?: boolean }): string {
  switch (code) {
    case 'ENOENT': return 'it is not there'
    case 'EACCES': return 'it may not be run: it is not executable, or lies where programs are not allowed'
    default: return killed === true ? `it did not say its version within ${ANSWER_MS / 1_000} s` : `asked with --version, it ended with ${code}. Is it a program for this machine?`
  }
}
