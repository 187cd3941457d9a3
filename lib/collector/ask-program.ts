import { execFile, type ChildProcess } from 'node:child_process'
import { withSignals } from './signals.ts'

export interface Question {
  /** Milliseconds until it is ended. */
  readonly timeoutMs: number
  /** Of each of its streams. */
  readonly maxBytes: number
  /** @default that of this process */
  readonly env?: Readonly<Record<string, string>>
}

/** What came of running a program to its end. */
export interface Answer {
  readonly stdout: string
  readonly stderr: string
  /** Its exit code; the name of the signal that ended it; why it did not run or had to be ended, as Node names it. */
  readonly end: number | string
}

/** Codes of what has to be ended, beside those of Node. */
export const TOO_LATE = 'ETIMEDOUT'
export const TOO_MUCH = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'

/**
 * Runs a program that says something and ends. A signal that would end this process ends the program before, so that nothing
 * is left behind.
 */
export async function askProgram (path: string, words: readonly string[], question: Question): Promise<Answer> {
  // It may not obey a kinder signal.
  const options = { timeout: question.timeoutMs, killSignal: 'SIGKILL', maxBuffer: question.maxBytes, windowsHide: true, ...question.env && { env: question.env } } as const
  let child: ChildProcess | undefined
  let received: NodeJS.Signals | undefined
  try {
    const answer = await withSignals(process, signal => {
      received = signal
      child?.kill('SIGKILL')
    }, async () => await new Promise<Answer>(resolve => {
      child = execFile(path, words, options, (fault, stdout, stderr) => { resolve({ stdout, stderr, end: endOf(fault) }) })
    }))
    if (received !== undefined) process.kill(process.pid, received)
    return answer
  } catch (problem) {
    // Some faults are thrown, others reported.
    return { stdout: '', stderr: '', end: (problem as NodeJS.ErrnoException).code ?? String(problem) }
  }
}

function endOf (fault: { code?: number | string | null | undefined, killed?: boolean, signal?: string } | null): number | string {
  if (fault === null) return 0
  return fault.code ?? (fault.killed === true ? TOO_LATE : fault.signal ?? 'unknown')
}
