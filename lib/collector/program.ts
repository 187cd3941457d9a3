import { setTimeout as wait } from 'node:timers/promises'
import { askProgram, TOO_LATE, TOO_MUCH } from './ask-program.ts'

const ANSWER_MS = 20_000
const ANSWER_BYTES_MAX = 65_536
const BUSY_ATTEMPTS_MAX = 50
const BUSY_PAUSE_MS = 20

/** What a program says of itself. */
export type ProgramVersion = { readonly version: string } | { readonly problem: string, readonly end: number | string }

/** Asks a program that should be a collector which version it is. */
export async function askVersion (path: string): Promise<ProgramVersion> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(path)
    // Somebody who was forked while the file was written has it open until it runs a program of its own.
    if (!('problem' in answer) || answer.end !== 'ETXTBSY' || attempt === BUSY_ATTEMPTS_MAX) return answer
    await wait(BUSY_PAUSE_MS)
  }
}

async function ask (path: string): Promise<ProgramVersion> {
  const { stdout, end } = await askProgram(path, ['--version'], { timeoutMs: ANSWER_MS, maxBytes: ANSWER_BYTES_MAX })
  if (end !== 0) return { problem: reasonOf(end), end }
  // `otelcol-contrib version 0.161.0`, whatever a distribution calls itself.
  const version = /^\S+ version v?(\d+\.\d+\.\S+)/m.exec(stdout)?.[1]
  return version === undefined ? { problem: 'it does not say its version when it is asked with --version', end } : { version }
}

function reasonOf (end: number | string): string {
  switch (end) {
    case 'ENOENT': return 'it is not there'
    case 'EACCES': return 'it may not be run: it is not executable, or lies where programs are not allowed'
    case TOO_LATE: return `it did not say its version within ${ANSWER_MS / 1_000} s`
    case TOO_MUCH: return 'it says far more than its version when it is asked with --version'
    default: return `asked with --version, it ended with ${end}; one for another machine does so`
  }
}
