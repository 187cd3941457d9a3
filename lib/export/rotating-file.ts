import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'
import { remedyOf } from './disk-remedy.ts'
import { makeDirectorySync } from './make-directory.ts'

/** A file that is set aside when it is full. */
export interface RotationOptions {
  /** Megabytes a file may have before it becomes a backup. */
  readonly megabytes: number
  /** Backups kept beside the file: `name.1.json` is the newest. */
  readonly backups: number
  /** Days after which a backup is removed, if any. */
  readonly days?: number
}

const MEGABYTE = 1024 * 1024
const DAY_MS = 24 * 60 * 60 * 1000
/** What may wait for a slow disk; more is dropped and counted. */
const WAITING_BYTES_MAX = 64 * MEGABYTE

/** Writes whole lines to a rotating file. Never throws, never waits; what it cannot keep it counts. */
export class RotatingFile {
  readonly path: string
  /** Bytes that were dropped since the start. */
  droppedBytes = 0
  readonly #options: RotationOptions
  readonly #onProblem: (problem: Error) => void
  #stream: RotatingFileStream | undefined

  /**
   * @param path of the file; its folder is made when the first line is written
   * @param onProblem told when the file cannot be written
   */
  constructor (path: string, options: RotationOptions, onProblem: (problem: Error) => void) {
    this.path = path
    this.#options = options
    this.#onProblem = onProblem
  }

  /** @param onWritten told whether the operating system has the text, now or later */
  write (text: string, onWritten: (written: boolean) => void = () => {}): void {
    const finish = (problem: Error | null | undefined): void => {
      if (problem != null) this.droppedBytes += Buffer.byteLength(text)
      onWritten(problem == null)
    }
    const problem = this.#hand(text, finish)
    if (problem === undefined) return
    finish(problem)
    this.#onProblem(problem)
  }

  /** @returns why the text cannot be written, where that is known at once */
  #hand (text: string, onWritten: (problem: Error | null | undefined) => void): Error | undefined {
    try {
      const stream = this.#stream ??= this.#open()
      if (stream.writableLength + Buffer.byteLength(text) > WAITING_BYTES_MAX) return new Error(`more than ${WAITING_BYTES_MAX} bytes wait for the disk`)
      stream.write(text, problem => {
        // It may be long before the stream says itself that it failed.
        if (problem != null && this.#stream === stream) this.#stream = undefined
        onWritten(problem)
      })
      return undefined
    } catch (problem) {
      this.#stream = undefined
      return problem as Error
    }
  }

  /** Resolves when everything written so far is with the operating system. */
  async flush (): Promise<void> {
    const stream = this.#stream
    if (stream === undefined || stream.writableLength === 0) return
    await new Promise<void>(resolve => { stream.write('', () => { resolve() }) })
  }

  async close (): Promise<void> {
    const stream = this.#stream
    if (stream === undefined) return
    this.#stream = undefined
    await new Promise<void>(resolve => { stream.once('close', resolve).end() })
  }

  #open (): RotatingFileStream {
    const { megabytes, backups } = this.#options
    const directory = dirname(this.path)
    makeFolder(directory)
    this.#removeOldBackups()
    const extension = extname(this.path)
    const name = basename(this.path, extension)
    const stream = createStream(
      index => index == null ? `${name}${extension}` : `${name}.${String(index)}${extension}`,
      { path: directory, size: `${Math.ceil(megabytes * MEGABYTE)}B`, rotate: backups })
    stream.on('rotated', () => { this.#removeOldBackups() })
    stream.on('error', problem => {
      // The library destroys a stream that failed; the next line tries a new one.
      if (this.#stream === stream) this.#stream = undefined
      this.#onProblem(problem)
    })
    return stream
  }

  /** Rotation keeps a number of backups but knows no age. */
  #removeOldBackups (): void {
    const { days } = this.#options
    if (days === undefined) return
    const directory = dirname(this.path)
    const extension = extname(this.path)
    const prefix = `${basename(this.path, extension)}.`
    const oldest = Date.now() - days * DAY_MS
    for (const file of readdirSync(directory)) {
      const number = file.slice(prefix.length, -extension.length)
      if (!file.startsWith(prefix) || !file.endsWith(extension) || !(Number(number) > 0)) continue
      removeIfOlder(join(directory, file), oldest)
    }
  }
}

/** @throws what the file system says, and what to do about it */
function makeFolder (directory: string): void {
  try {
    makeDirectorySync(directory)
  } catch (problem) {
    const { message, code } = problem as NodeJS.ErrnoException
    throw Object.assign(new Error(`${message}${remedyOf(problem)}`), { code })
  }
}

/** What cannot be removed, a folder of that name say, is no reason not to write. */
function removeIfOlder (backup: string, oldest: number): void {
  try {
    if (statSync(backup).mtimeMs < oldest) unlinkSync(backup)
  } catch {}
}
