import { join } from 'node:path'
import type { CarrierOptions, OnProblem } from './carrier.ts'
import { FileSender } from './file-sender.ts'
import { HttpSender } from './http-sender.ts'
import type { Signal } from './parcel.ts'
import type { Sender } from './sender.ts'

/** What brings a signal to its file or its endpoint; nothing where it has neither. */
export function openSender (signal: Signal, options: CarrierOptions, onProblem: OnProblem): Sender | undefined {
  const { endpoints, files, settings } = options
  if (files !== undefined) return new FileSender(join(files.directory, `${signal}.json`), onProblem)
  const url = endpoints[signal]
  return url === undefined ? undefined : new HttpSender({ ...options, ...settings?.[signal], url }, onProblem)
}
