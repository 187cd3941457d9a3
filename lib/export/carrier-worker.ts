/**
 * Entry of the worker thread that delivers telemetry. `letta-otel/carrier-worker` is there for bundlers: it has to be a file
 * of its own beside the bundle.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { CarrierOptions } from './carrier.ts'
import { openSpool } from './open-spool.ts'
import { serveCarrier } from './serve-carrier.ts'

if (parentPort !== null) serveCarrier(parentPort, workerData as CarrierOptions, { openSpool })
