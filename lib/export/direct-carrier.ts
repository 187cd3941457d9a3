import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { Admission } from './admission.ts'
import { sumCounts, type CarrierStats } from './carrier-stats.ts'
import type { Carrier, CarrierOptions, OnProblem } from './carrier.ts'
import { Delivery, type DeliveryStats } from './delivery.ts'
import { openSpool } from './open-spool.ts'
import type { Parcel } from './parcel.ts'

/** Carries on the thread it is called from, for where no worker can be loaded. What it sends is not traced. */
export class DirectCarrier implements Carrier {
  readonly #admission: Admission
  readonly #delivery: Delivery

  constructor (options: CarrierOptions, onProblem: OnProblem, admission = new Admission(options.maxWaitingBytes)) {
    const untraced = suppressTracing(ROOT_CONTEXT)
    this.#admission = admission
    this.#delivery = new Delivery(options, {
      onProblem,
      openSpool,
      onRelease: (signal, count, bytes) => { admission.release(bytes, { [signal]: count }) },
      around: work => context.with(untraced, work)
    })
  }

  get stats (): CarrierStats {
    const { signals, spoolBytes } = this.delivered
    const { counts, waiting, waitingBytes } = this.#admission
    return { signals: sumCounts(counts, signals), waiting, waitingBytes, spoolBytes, workerCrashes: 0, thread: 'main' }
  }

  /** What became of what was admitted. */
  get delivered (): DeliveryStats {
    return this.#delivery.stats
  }

  take (parcel: Parcel): boolean {
    if (!this.#admission.admit(parcel)) return false
    this.deliver(parcel)
    return true
  }

  /** Takes what was admitted already. */
  deliver (parcel: Parcel): void {
    this.#delivery.take(parcel)
  }

  async flush (timeoutMs: number): Promise<boolean> {
    return await this.#delivery.flush(timeoutMs)
  }

  async close (timeoutMs: number): Promise<boolean> {
    this.#admission.close()
    return await this.#delivery.close(timeoutMs)
  }
}
