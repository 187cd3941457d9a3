import { execFileSync, spawnSync } from 'node:child_process'
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
