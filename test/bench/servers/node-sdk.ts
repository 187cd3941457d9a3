import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node'

/**
 * The SDK as https://opentelemetry.io/docs/languages/js/getting-started/nodejs/ starts it: OTLP over HTTP, batched. The
 * endpoint and the service's name are in the environment.
 *
 * @returns stops it, which sends what is waiting
 */
export function startNodeSdk (configuration: Partial<NodeSDKConfiguration> = {}): () => Promise<void> {
  const sdk = new NodeSDK(configuration)
  sdk.start()
  return async () => { await sdk.shutdown() }
}
