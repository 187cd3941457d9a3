/** Milliseconds of a time that are kept for the disk. */
const DISK_MS = 500

/** Milliseconds that the disk may take beyond a time: what is not on it then may be lost for good. */
export const LATE_MS = 500

/** The part of a time after which nothing more is waited for, and what is left is brought to the disk. */
export function sendingTime (timeoutMs: number): number {
  return timeoutMs - Math.min(DISK_MS, timeoutMs / 4)
}

/** Milliseconds of a clock that all threads of a process share. */
export function sharedClockMs (): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Milliseconds that are left of a time that began at `start`. */
export function restOf (timeoutMs: number, start: number): number {
  return Math.max(timeoutMs - (performance.now() - start), 0)
}
