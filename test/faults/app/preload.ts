/**
 * Loaded before the application: faults that come from within. Workers that are started from here on get the same clock
 * as the main thread, and can be made to crash.
 */
import threads, { setEnvironmentData, Worker, type WorkerOptions } from 'node:worker_threads'
import { syncBuiltinESMExports } from 'node:module'
import type { AppAnswer, AppQuestion } from './messages.ts'
import { CLOCK, shiftDate } from './shifted-date.ts'

const clock = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)
const shift = new Float64Array(clock)
const workers = new Set<Worker>()

class WatchedWorker extends Worker {
  constructor (entry: URL, options: WorkerOptions = {}) {
    const execArgv = [...options.execArgv ?? [], '--import', new URL('shifted-date.ts', import.meta.url).href]
    super(entry, { ...options, execArgv })
    workers.add(this)
    this.on('exit', () => { workers.delete(this) })
  }
}

setEnvironmentData(CLOCK, clock)
shiftDate(shift)
threads.Worker = WatchedWorker
syncBuiltinESMExports()

process.on('message', ({ id, ask, value }: AppQuestion) => {
  if (ask === 'clock') shift[0] = value
  else if (ask === 'crash') crashWorkers(value === 1)
  else return
  process.send?.({ id, value } satisfies AppAnswer)
})

/** Ends the workers: by an error that nobody catches there, or from one moment to the next. */
function crashWorkers (byError: boolean): void {
  for (const worker of workers) {
    // No message of the protocol: the thread fails where it looks for what to do.
    if (byError) worker.postMessage(null)
    else void worker.terminate()
  }
}
