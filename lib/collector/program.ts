import { execFile } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const ANSWER_MS = 20_000
const BUSY_ATTEMPTS_MAX = 50
const BUSY_PAUSE_MS = 20

/** What a program says of itself. */
export type ProgramVersion = { readonly version: string } | { readonly problem: string, readonly code?: string | number | undefined }

/** Asks a program that should be a collector which version it is. */
export async function askVersion (path: string): Promise<ProgramVersion> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(path)
    // Somebody who was forked while the file was written has it open until it runs a program of its own.
    if (!('problem' in answer) || answer.code !== 'ETXTBSY' || attempt === BUSY_ATTEMPTS_MAX) return answer
    await wait(BUSY_PAUSE_MS)
  }
}

async function ask (path: string): Promise<ProgramVersion> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: ANSWER_MS, maxBuffer: 65_536, windowsHide: true })
    // `otelcol-contrib version 0.161.0`, whatever a distribution calls itself.
    const version = /^\S+ version v?(\d+\.\d+\.\S+)/m.exec(stdout)?.[1]
    return version === undefined ? { problem: 'it does not say its version when it is asked with --version' } : { version }
  } catch (problem) {
    const fault = problem as { code?: string | number, killed?: boolean }
    return { problem: reasonOf(fault), code: fault.code }
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
