import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
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

/** Codes of what has to be ended, as Node has them. */
export const TOO_LATE = 'ETIMEDOUT'
export const TOO_MUCH = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'

/** It may not obey a kinder signal. */
const END = 'SIGKILL'
const HAS_GROUPS = process.platform !== 'win32'

/**
 * Runs a program that says something and ends. A signal that would end this process ends the program before, and what it has
 * started, so that nothing is left behind.
 */
export async function askProgram (path: string, words: readonly string[], question: Question): Promise<Answer> {
  let endWith: ((reason: string) => void) | undefined
  let received: NodeJS.Signals | undefined
  try {
    const answer = await withSignals(process, signal => {
      received = signal
      endWith?.(signal)
    }, async () => await new Promise<Answer>((resolve, reject) => {
      // A group of its own: a script that is asked starts the program as another process, which has the streams too.
      const child = spawn(path, words, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, detached: HAS_GROUPS, ...question.env && { env: question.env } })
      let reason: string | undefined
      endWith = why => {
        reason ??= why
        endGroup(child)
      }
      const timer = setTimeout(endWith, question.timeoutMs, TOO_LATE)
      const [stdout, stderr] = [child.stdout, child.stderr].map(stream => collect(stream, question.maxBytes, () => { endWith?.(TOO_MUCH) }))
      child.on('error', fault => {
        clearTimeout(timer)
        reject(fault)
      })
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        resolve({ stdout: stdout!(), stderr: stderr!(), end: reason ?? code ?? signal ?? 'unknown' })
      })
    }))
    if (received !== undefined) process.kill(process.pid, received)
    return answer
  } catch (problem) {
    // Some faults are thrown, others reported.
    return { stdout: '', stderr: '', end: (problem as NodeJS.ErrnoException).code ?? String(problem) }
  }
}

/** Also lets go of its streams: who has left the group may hold them for as long as it likes. */
function endGroup (child: ChildProcess): void {
  try {
    if (HAS_GROUPS && child.pid !== undefined) process.kill(-child.pid, END)
    else child.kill(END)
  } catch {
    // Nobody is left in it.
  }
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** @returns what gives the text so far, of `maxBytes` at most */
function collect (stream: Readable, maxBytes: number, onMore: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, maxBytes - size))
    size += chunk.length
    if (size > maxBytes) onMore()
  })
  return () => Buffer.concat(chunks).toString()
}
