import { dirname } from 'node:path'
import type { OnProblem } from './carrier.ts'
import { loadOtlpJson, type OtlpJson } from './otlp-json.ts'
import type { OutgoingRequest } from './parcel.ts'
import type { SendOutcome } from './retry-policy.ts'
import { RotatingFile } from './rotating-file.ts'
import type { Sender } from './sender.ts'

/** The rotation of Letta's collector configurations. */
export const TELEMETRY_ROTATION = { megabytes: 100, backups: 5, days: 7 }

/** Writes requests to a rotating file: one in OTLP JSON a line, as the collector's file exporter does. */
export class FileSender implements Sender {
  readonly #file: RotatingFile
  readonly #onProblem: OnProblem
  #json: Promise<OtlpJson> | undefined

  constructor (path: string, onProblem: OnProblem) {
    this.#onProblem = onProblem
    this.#file = new RotatingFile(path, TELEMETRY_ROTATION, problem => {
      onProblem(`telemetry cannot be written to ${dirname(path)}: ${problem.message}`)
    })
  }

  /** What cannot be written is not tried again: a disk that is full would fill the memory too. */
  async send ({ signal, body }: Pick<OutgoingRequest, 'signal' | 'body'>): Promise<SendOutcome> {
    try {
      const json = await (this.#json ??= loadOtlpJson())
      const line = `${json(signal, body)}\n`
      const written = await new Promise<boolean>(resolve => { this.#file.write(line, resolve) })
      return written ? { result: 'accepted', rejected: 0 } : { result: 'rejected' }
    } catch (problem) {
      this.#onProblem(`${signal} cannot be written as JSON (${(problem as Error).name})`)
      return { result: 'rejected' }
    }
  }

  async close (): Promise<void> {
    await this.#file.close()
  }
}
