import { getNumberFromEnv } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { join } from 'node:path'
import type { Carrier, CarrierOptions } from '../export/carrier.ts'
import { WorkerCarrier } from '../export/worker-carrier.ts'
import type { RuntimeOptions } from '../options.ts'
import { encodeResource } from '../recorder/encode-resource.ts'
import { ATTR_LETTA_VERSION, ATTR_SERVICE_NAME } from '../vocabulary/attributes.ts'
import { describeEndpoint, otlpEndpoints, type OtlpEndpoints } from './otlp-endpoints.ts'
import type { Report } from './reporter.ts'

/** What the files of the spool may take of the disk, all processes of a service together. */
export const SPOOL_BYTES = 512 * 1024 * 1024
/** Spans in a line of a file; with the SDK there are as many in a batch. */
const LINE_COUNT = 512
/** Milliseconds that spans wait for others. */
const BATCH_AGE_MS = 1_000

/** What brings telemetry to its destination, and where a person finds it there. */
export interface OpenedCarrier {
  /** Nothing where telemetry does not leave the process. */
  readonly carrier: Carrier | undefined
  readonly location: string
  /** Where each signal goes. */
  readonly endpoints: CarrierOptions['endpoints']
}

/** Starts what carries telemetry to the destination of `options`. */
export function openCarrier (options: RuntimeOptions, resource: Resource, report: Report): OpenedCarrier {
  switch (options.destination) {
    case 'otlp': {
      const endpoints = otlpEndpoints(options, process.env, report)
      const carrier = new WorkerCarrier(otlpCarrierOptions(endpoints, options, resource), report)
      return { carrier, location: describeEndpoint(endpoints), endpoints: endpoints.endpoints }
    }
    case 'files': {
      const directory = join(options.lettaDirectory, 'logs')
      const carrier = new WorkerCarrier({ endpoints: {}, files: { directory }, ...batchLimits(LINE_COUNT), ...contents(options, resource) }, report)
      return { carrier, location: directory, endpoints: {} }
    }
    case 'memory': return { carrier: undefined, location: 'the memory of this process', endpoints: {} }
    case 'none': return { carrier: undefined, location: 'nowhere', endpoints: {} }
  }
}

/** Starts what carries log lines alone, beside an engine that has no carrier. */
export function openLogCarrier (options: RuntimeOptions, resource: Resource, report: Report): Carrier {
  if (options.destination !== 'otlp') {
    const files = options.destination === 'files' ? { directory: join(options.lettaDirectory, 'logs') } : undefined
    return new WorkerCarrier({ endpoints: {}, files, ...batchLimits(LINE_COUNT), ...contents(options, resource) }, report)
  }
  const { endpoints, ...carrierOptions } = otlpCarrierOptions(otlpEndpoints(options, process.env, report), options, resource)
  return new WorkerCarrier({ ...carrierOptions, endpoints: endpoints.logs === undefined ? {} : { logs: endpoints.logs } }, report)
}

/** How a carrier of this process carries to these endpoints. */
export function otlpCarrierOptions (endpoints: OtlpEndpoints, options: RuntimeOptions, resource: Resource): CarrierOptions {
  const spool = { directory: spoolDirectory(options, resource), maxBytes: SPOOL_BYTES }
  return { ...endpoints, ...batchLimits(), ...contents(options, resource), spool }
}

/** What is the same in all requests, and how lines become records. */
function contents ({ redactQuery, lettaDirectory }: RuntimeOptions, { attributes }: Resource): Pick<CarrierOptions, 'resource' | 'logRecords' | 'logFile'> {
  return {
    resource: encodeResource(attributes),
    logFile: { path: join(lettaDirectory, 'logs', 'Letta.log'), loggerName: String(attributes[ATTR_SERVICE_NAME]) },
    logRecords: { scope: { name: 'letta-otel', version: attributes[ATTR_LETTA_VERSION]?.toString() }, secretQueryKeys: redactQuery }
  }
}

/** Milliseconds that an encoded span waits for others on the main thread at most. */
export function spanAgeMs ({ exportIntervalMs }: RuntimeOptions): number {
  return Math.min(exportIntervalMs, positive('OTEL_BSP_SCHEDULE_DELAY') ?? BATCH_AGE_MS)
}

/** The variables are those of the SDK's span processor, which batches in the same way. */
function batchLimits (count?: number): Pick<CarrierOptions, 'maxBatchCount' | 'maxBatchAgeMs'> {
  return {
    maxBatchCount: positive('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? count,
    maxBatchAgeMs: Math.min(BATCH_AGE_MS, positive('OTEL_BSP_SCHEDULE_DELAY') ?? BATCH_AGE_MS)
  }
}

function positive (variable: string): number | undefined {
  const value = getNumberFromEnv(variable)
  return value !== undefined && value > 0 ? value : undefined
}

/** Where a service keeps what could not be sent. */
export function spoolDirectory ({ lettaDirectory }: RuntimeOptions, { attributes }: Resource): string {
  return join(lettaDirectory, 'spool', String(attributes[ATTR_SERVICE_NAME]).replace(/[^\w.-]/g, '_').replace(/^\.+/, '_'))
}
