import { execFileSync, spawnSync } from 'node:child_process'
import { openSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** The server has this core to itself, with everything that it starts. */
export const SERVER_CORE = 0
/** Load and sink share this one. */
export const LOAD_CORE = 1

/** Whether processes can be bound to cores here: it takes two cores, and `taskset` of util-linux. */
export const canPin: boolean = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** A command bound to a core, where that can be done. */
export function pinnedTo (core: number, [command = '', ...args]: readonly string[]): [command: string, args: string[]] {
  return canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, args]
}

/** Binds this process, all its threads and all it will start. */
export function pinThisProcess (core: number): void {
  if (canPin) execFileSync('taskset', ['-a', '-p', '-c', String(core), String(process.pid)], { stdio: 'ignore' })
}

/**
 * Keeps processors from sleeping while this process runs, where that is permitted. Waking one, a virtual one above all,
 * costs microseconds in the system call that wakes it, and only a slow server lets its client fall asleep: it would pay for
 * each response what bare Fastify never pays.
 *
 * @returns whether it could be done
 */
export function keepProcessorsAwake (): boolean {
  try {
    // Linux's PM QoS: the greatest latency of waking up in microseconds, for as long as the file is open.
    writeSync(openSync('/dev/cpu_dma_latency', 'r+'), new Uint8Array(4))
    return true
  } catch {
    return false
  }
}
