import { spawnSync } from 'node:child_process'

/** A command that runs the rest of its arguments with a small file system of its own, which is gone with it. */
export interface Confinement {
  readonly within: readonly string[]
  readonly how: string
}

const ROOT = process.getuid?.() === 0
const UNSHARE = ['unshare', '--mount', ...ROOT ? [] : ['--map-root-user']]

/** A disk of so many KiB at `directory`; where nothing may be mounted, files that cannot grow beyond them. */
export function smallDisk (directory: string, kibibytes: number): Confinement {
  return mountable('size=64k', directory)
    ? { within: mounted(directory, `size=${kibibytes}k`), how: `a tmpfs of ${kibibytes} KiB` }
    : { within: ['bash', '-c', `ulimit -f ${kibibytes}; exec "$@"`, 'bash'], how: `files of ${kibibytes} KiB at most` }
}

/** `directory` on a file system that takes no writes; where nothing may be mounted, nothing has to be: permissions do. */
export function readOnly (directory: string): Confinement {
  return mountable('ro', directory)
    ? { within: mounted(directory, 'ro'), how: 'a read-only tmpfs' }
    : { within: ['bash', '-c', 'chmod 0555 "$0"; exec "$@"', directory], how: 'a directory without write permission' }
}

/** As another user, where this is root's process, who may write everywhere. */
export const NOBODY = ROOT ? 65_534 : undefined

function mounted (directory: string, options: string): string[] {
  return [...UNSHARE, 'sh', '-c', 'mount -t tmpfs -o "$1" none "$0" && shift && exec "$@"', directory, options]
}

function mountable (options: string, directory: string): boolean {
  const [command = '', ...args] = [...mounted(directory, options), 'true']
  return spawnSync(command, args).status === 0
}
