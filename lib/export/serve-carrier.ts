import type { MessagePort } from 'node:worker_threads'
import type { CarrierOptions } from './carrier.ts'
import { sharedClockMs } from './closing-time.ts'
import { Delivery, type DeliverySettings } from './delivery.ts'
import { SpareMemory } from './spare-memory.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** Delivers what comes through `port`, and says how far it has come. */
export function serveCarrier (port: MessagePort, options: CarrierOptions, { openSpool }: Pick<DeliverySettings, 'openSpool'>): void {
  const released = { bytes: 0, counts: { traces: 0, metrics: 0, logs: 0, logFile: 0 } }
  let telling: NodeJS.Immediate | undefined
  const spent = new SpareMemory()
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => { port.postMessage(message, transfer) }
  const tell = (): void => {
    clearImmediate(telling)
    telling = undefined
    const buffers = spent.takeAll()
    post({ type: 'progress', progress: { stats: delivery.stats, released }, spent: buffers }, buffers)
  }
  // One message for all that leaves at once.
  const tellSoon = (): void => { telling ??= setImmediate(tell) }
  const delivery = new Delivery(options, {
    openSpool,
    onSpent: ({ buffer }) => { spent.put(buffer) },
    onProblem: problem => { post({ type: 'problem', problem }) },
    onRelease: (signal, count, bytes) => {
      released.bytes += bytes
      released.counts[signal] += count
      tellSoon()
    },
    onAttempt: () => { tellSoon() }
  })
  port.on('message', (message: ToWorker) => {
    if (message.type === 'take') delivery.take(message.parcel)
    else {
      void delivery[message.type](Math.max(message.deadlineMs - sharedClockMs(), 0)).then(complete => {
        tell()
        post({ type: 'done', id: message.id, complete })
      })
    }
  })
  post({ type: 'ready' })
}
