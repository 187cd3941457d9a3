/** What a variable is for: ports, paths and addresses can be checked before a start, a `secret` must not be shown. */
export type VariableKind = 'url' | 'addresses' | 'port' | 'input-file' | 'output-file' | 'directory' | 'secret' | 'value'

export interface Variable {
  readonly kind: VariableKind
  readonly meaning: string
}

/**
 * Every environment variable that the configurations read. What each configuration reads, and what holds without, is in
 * its YAML: `${env:NAME}` has to be set, `${env:NAME:-value}` need not be.
 */
export const VARIABLES: Readonly<Record<string, Variable>> = Object.freeze({
  LETTA_DIR: { kind: 'directory', meaning: 'directory of files and queues; the launcher sets it to ~/.letta where it is not set' },
  LETTA_ENVIRONMENT: { kind: 'value', meaning: 'environment of telemetry that names none' },
  OTEL_SERVICE_NAME: { kind: 'value', meaning: 'service of lines of Letta.log that name none' },

  LETTA_OTELCOL_HOST: { kind: 'value', meaning: 'address that the collector listens on, of configurations that are not for development' },
  LETTA_OTELCOL_GRPC_PORT: { kind: 'port', meaning: 'OTLP over gRPC' },
  LETTA_OTELCOL_HTTP_PORT: { kind: 'port', meaning: 'OTLP over HTTP' },
  LETTA_OTELCOL_HEALTH_PORT: { kind: 'port', meaning: 'health check' },
  LETTA_OTELCOL_METRICS_PORT: { kind: 'port', meaning: "the collector's own metrics, at /metrics" },
  LETTA_OTELCOL_PPROF_PORT: { kind: 'port', meaning: 'profiles of the process, on the loopback address' },
  LETTA_OTELCOL_ZPAGES_PORT: { kind: 'port', meaning: 'pages about pipelines, at /debug/pipelinez, on the loopback address' },

  LETTA_OTELCOL_TLS_CERT_FILE: { kind: 'input-file', meaning: 'certificate for what comes in; turns TLS on' },
  LETTA_OTELCOL_TLS_KEY_FILE: { kind: 'input-file', meaning: 'its key' },
  LETTA_OTELCOL_TLS_CLIENT_CA_FILE: { kind: 'input-file', meaning: 'authority that has to have signed the certificate of a sender' },

  LETTA_OTELCOL_MEMORY_MIB: { kind: 'value', meaning: 'MiB of memory above which everything is refused' },
  LETTA_OTELCOL_MEMORY_SPIKE_MIB: { kind: 'value', meaning: 'MiB below that limit at which refusing begins' },
  LETTA_OTELCOL_LOG_LEVEL: { kind: 'value', meaning: "level of the collector's own log: debug, info, warn or error" },
  LETTA_OTELCOL_QUEUE_DIR: { kind: 'directory', meaning: 'what is not delivered yet' },
  LETTA_OTELCOL_QUEUE_BYTES: { kind: 'value', meaning: 'bytes that may wait, of each signal and destination' },
  LETTA_OTELCOL_FSYNC: { kind: 'value', meaning: 'whether the queue waits for the disk: survives a loss of power' },
  LETTA_OTELCOL_FLUSH: { kind: 'value', meaning: 'longest that a batch waits for more' },
  LETTA_OTELCOL_RETRY_FOR: { kind: 'value', meaning: 'how long a batch is tried again before it is dropped; 0 for ever' },

  LETTA_OTELCOL_TRACES_FILE: { kind: 'output-file', meaning: 'spans' },
  LETTA_OTELCOL_METRICS_FILE: { kind: 'output-file', meaning: 'metrics' },
  LETTA_OTELCOL_LOGS_FILE: { kind: 'output-file', meaning: 'log records' },
  LETTA_OTELCOL_LETTA_LOG: { kind: 'input-file', meaning: 'Letta.log; may be missing at first' },
  LETTA_OTELCOL_LETTA_LOG_BACKUPS: { kind: 'value', meaning: 'pattern of its backups' },

  CLICKHOUSE_ENDPOINT: { kind: 'url', meaning: 'http://host:8123, https://host:8443 or tcp://host:9000' },
  CLICKHOUSE_USERNAME: { kind: 'value', meaning: 'user of ClickHouse' },
  CLICKHOUSE_PASSWORD: { kind: 'secret', meaning: 'password of that user' },
  CLICKHOUSE_DATABASE: { kind: 'value', meaning: 'database that has the tables' },
  CLICKHOUSE_CA_FILE: { kind: 'input-file', meaning: "authority of ClickHouse's certificate, if the system does not know it" },
  CLICKHOUSE_CERT_FILE: { kind: 'input-file', meaning: 'certificate that ClickHouse asks for' },
  CLICKHOUSE_KEY_FILE: { kind: 'input-file', meaning: 'its key' },

  DD_API_KEY: { kind: 'secret', meaning: 'key of Datadog' },
  DD_SITE: { kind: 'value', meaning: 'site of Datadog, as datadoghq.eu' },
  DD_HOSTNAME: { kind: 'value', meaning: 'host of telemetry that names none' },

  SIGNOZ_ENDPOINT: { kind: 'addresses', meaning: 'host:port of SigNoz, as ingest.eu.signoz.cloud:443' },
  SIGNOZ_INGESTION_KEY: { kind: 'secret', meaning: 'sent as the header signoz-ingestion-key' },
  SIGNOZ_INSECURE: { kind: 'value', meaning: 'true for a SigNoz without TLS' },
  SIGNOZ_CA_FILE: { kind: 'input-file', meaning: "authority of SigNoz's certificate, if the system does not know it" },

  LETTA_OTELCOL_SAMPLERS: { kind: 'addresses', meaning: 'second tier as a list: sampling-0:4317,sampling-1:4317' },
  LETTA_OTELCOL_SAMPLERS_DNS: { kind: 'addresses', meaning: 'second tier as a name with an address for each collector' },
  LETTA_OTELCOL_SAMPLERS_PORT: { kind: 'value', meaning: 'port of collectors that were found by name' },
  LETTA_OTELCOL_SAMPLERS_INSECURE: { kind: 'value', meaning: 'false where the second tier has TLS' },
  LETTA_OTELCOL_SAMPLERS_CA_FILE: { kind: 'input-file', meaning: 'authority of their certificates' },
  LETTA_OTELCOL_DECISION_WAIT: { kind: 'value', meaning: "longest from a trace's first span to the decision" },
  LETTA_OTELCOL_DECISION_WAIT_AFTER_ROOT: { kind: 'value', meaning: 'from the root span to the decision' },
  LETTA_OTELCOL_TRACES_IN_MEMORY: { kind: 'value', meaning: 'traces that may wait for a decision' },
  LETTA_OTELCOL_SLOW_MS: { kind: 'value', meaning: 'milliseconds from which a trace is kept for being slow' },
  LETTA_OTELCOL_KEEP_PERCENT: { kind: 'value', meaning: 'percent that is kept of traces that nothing else speaks for' },
  LETTA_OTELCOL_SPAN_METRICS_INTERVAL: { kind: 'value', meaning: 'how often rates, errors and durations are sent' }
})

/** Whether telemetry goes there: an address, which people may see. */
export function isDestination ({ kind }: Pick<Variable, 'kind'>): boolean {
  return kind === 'url' || kind === 'addresses'
}
