import { defaultResource, detectResources, envDetector, resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import type { Attributes } from '@opentelemetry/api'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { moduleUrl } from '../export/module-url.ts'
import type { RuntimeOptions } from '../options.ts'
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME, ATTR_DEVICE_ID, ATTR_HOST_NAME, ATTR_LETTA_ENVIRONMENT, ATTR_LETTA_VERSION,
  ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION
} from '../vocabulary/attributes.ts'
import { applicationPackage } from './application-package.ts'
import { deviceId } from './device-id.ts'
import { workingDirectory } from './working-directory.ts'

/** Says who sends telemetry: what the options say wins over `OTEL_RESOURCE_ATTRIBUTES`, this over what is found out. */
export function composeResource (options: RuntimeOptions): Resource {
  const application = applicationPackage(workingDirectory())
  return defaultResource()
    .merge(resourceFromAttributes(present({
      [ATTR_SERVICE_NAME]: application.name,
      [ATTR_SERVICE_VERSION]: application.version,
      [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
      [ATTR_HOST_NAME]: hostname(),
      [ATTR_LETTA_VERSION]: lettaOtelVersion()
    })))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(present({
      [ATTR_SERVICE_NAME]: options.serviceName,
      [ATTR_SERVICE_VERSION]: options.serviceVersion,
      [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: options.environment,
      [ATTR_LETTA_ENVIRONMENT]: options.environment,
      [ATTR_DEVICE_ID]: options.environment === 'production' ? undefined : deviceId(),
      ...options.resourceAttributes
    })))
}

/** In a bundle, the nearest package.json is the application's. */
function lettaOtelVersion (): string | undefined {
  const url = moduleUrl()
  if (url === undefined) return undefined
  const { name, version } = applicationPackage(fileURLToPath(new URL('.', url)))
  return name === 'letta-otel' ? version : undefined
}

function present (attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
