import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'

/** A process has ended, runs (with a mark of its start, to tell a reused pid), or runs and hides when it began. */
export type ProcessState = { readonly running: false } | { readonly running: true, readonly start: string | undefined }

const GONE: ProcessState = { running: false }

/** Eight hexadecimal digits at most: fit for a file name. */
function digest (text: string): string {
  return crc32(text).toString(16)
}

/** Whether a process of this machine and pid namespace runs, whoever's it is. */
export async function processState (pid: number, startOf: StartReader = readStart): Promise<ProcessState> {
  try {
    process.kill(pid, 0)
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ESRCH') return GONE
  }
  const start = await startOf(pid)
  // A container whose first process reaps nobody keeps its dead as zombies, which still take a signal.
  return start === 'zombie' ? GONE : { running: true, start }
}

/** Tells when a process began, as a mark that is the same each time it is asked; undefined: it cannot be told. */
export type StartReader = (pid: number) => Promise<string | undefined>

/** Linux: ticks since boot, which no change of the clock moves. */
export const startFromProc: StartReader = async pid => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // The program's name, in parentheses, may hold blanks and parentheses.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? 'zombie' : digest(fields[18] ?? '')
  } catch {
    return undefined
  }
}

/** macOS and BSD. Windows has no `ps`: there a reused pid cannot be told. */
export const startFromPs: StartReader = async pid => {
  try {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { env })
    const [state = '', ...start] = stdout.trim().split(/\s+/)
    return state.startsWith('Z') ? 'zombie' : digest(start.join(' '))
  } catch {
    return undefined
  }
}

const readStart = process.platform === 'linux' ? startFromProc : startFromPs

/** The start of this process; '0' where it cannot be told. */
export async function ownStart (startOf: StartReader = readStart): Promise<string> {
  return await startOf(process.pid) ?? '0'
}

/** Names the space in which a pid means one process: this boot of this kernel and, for containers, the pid namespace. */
export async function pidSpace (proc = '/proc'): Promise<string> {
  try {
    const [boot, namespace] = await Promise.all([readFile(`${proc}/sys/kernel/random/boot_id`, 'latin1'), readlink(`${proc}/self/ns/pid`)])
    return digest(`${boot.trim()} ${namespace}`)
  } catch {
    return digest(hostname())
  }
}
