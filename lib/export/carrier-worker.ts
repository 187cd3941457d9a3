/** Entry of the worker thread that delivers telemetry. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { CarrierOptions } from './carrier.ts'
import { openSpool } from './open-spool.ts'
import { serveCarrier } from './serve-carrier.ts'

/** What a worker is started with. */
export type WorkerData = CarrierOptions

serveCarrier(parentPort as MessagePort, workerData as WorkerData, { openSpool })
