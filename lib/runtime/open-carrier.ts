import type { Resource } from '@opentelemetry/resources'
import { join } from 'node:path'
import type { Carrier } from '../export/carrier.ts'
import { WorkerCarrier } from '../export/worker-carrier.ts'
import type { RuntimeOptions } from '../options.ts'
import { encodeResource } from '../recorder/encode-resource.ts'
import { ATTR_SERVICE_NAME } from '../vocabulary/attributes.ts'
import { describeEndpoint, otlpEndpoints } from './otlp-endpoints.ts'
import type { Report } from './reporter.ts'

/** What the files of the spool may take of the disk, all processes of a service together. */
const SPOOL_BYTES = 512 * 1024 * 1024
/** Spans in a line of a file; with the SDK there are as many in a batch. */
const LINE_COUNT = 512

/** What brings telemetry to its destination, and where a person finds it there. */
export interface OpenedCarrier {
  /** Nothing where telemetry does not leave the process. */
  readonly carrier: Carrier | undefined
  readonly location: string
}

/** Starts what carries telemetry to the destination of `options`. */
export function openCarrier (options: RuntimeOptions, resource: Resource, report: Report): OpenedCarrier {
  switch (options.destination) {
    case 'otlp': {
      const endpoints = otlpEndpoints(options, process.env, report)
      const spool = { directory: join(options.lettaDirectory, 'spool', folderName(resource)), maxBytes: SPOOL_BYTES }
      const carrier = new WorkerCarrier({ ...endpoints, resource: encodeResource(resource.attributes), spool }, report)
      return { carrier, location: describeEndpoint(endpoints) }
    }
    case 'files': {
      const directory = join(options.lettaDirectory, 'logs')
      const carrier = new WorkerCarrier({
        endpoints: {}, files: { directory }, resource: encodeResource(resource.attributes), maxBatchCount: LINE_COUNT
      }, report)
      return { carrier, location: directory }
    }
    case 'memory': return { carrier: undefined, location: 'the memory of this process' }
    case 'none': return { carrier: undefined, location: 'nowhere' }
  }
}

/** A service's name as the name of a folder. */
function folderName ({ attributes }: Resource): string {
  return String(attributes[ATTR_SERVICE_NAME]).replace(/[^\w.-]/g, '_').replace(/^\.+/, '_')
}
