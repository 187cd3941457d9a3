import { expression, ruleFile, type Alert } from './rule-file.ts'

const COMMENT = `What the collector tells of itself on port 8888, with the names that lib/collector/configs give it.
Written by \`npm run monitoring\`.`

const SIGNALS = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const

/** Of each signal, whether a counter has grown; one that was not there five minutes ago has grown from nothing. */
function grown (counter: string, labels: string): string {
  return Object.entries(SIGNALS).map(([signal, unit]) => {
    const metric = `otelcol_${counter}_${unit}`
    return `label_replace(
  sum by (job, instance, ${labels}) (increase(${metric}[5m]) > 0 or (${metric} unless ${metric} offset 5m) > 0),
  "signal", "${signal}", "", ""
)`
  }).join('\nor\n')
}

const of = (component: string): string => `{{ $labels.signal }} of {{ $labels.${component} }} at {{ $labels.instance }}`

const ALERTS: readonly Alert[] = [
  {
    alert: 'CollectorMemoryNearLimit',
    expr: 'otelcol_process_runtime_heap_alloc_bytes > 0.9 * scalar(letta_otel:collector_refuses_from:bytes)',
    for: '5m',
    severity: 'warning',
    summary: 'The collector at {{ $labels.instance }} has {{ $value | humanize1024 }}B of memory in use',
    description: 'At the limit less the spike limit it refuses telemetry, which senders then keep. Raise LETTA_OTELCOL_MEMORY_MIB, or run more collectors.'
  },
  {
    alert: 'CollectorQueueFilling',
    expr: 'otelcol_exporter_queue_size / otelcol_exporter_queue_capacity > 0.8',
    for: '5m',
    severity: 'warning',
    summary: 'The queue of {{ $labels.data_type }} for {{ $labels.exporter }} at {{ $labels.instance }} is {{ $value | humanizePercentage }} full',
    description: 'The back end takes less than arrives, or nothing. A full queue refuses telemetry.'
  },
  {
    alert: 'CollectorQueueFull',
    expr: grown('exporter_enqueue_failed', 'exporter'),
    severity: 'critical',
    summary: `{{ $value | humanize }} ${of('exporter')} found no room in the queue`,
    description: 'They were refused: senders of letta-otel keep them on their disks and try again, others may not.'
  },
  {
    alert: 'CollectorLosesTelemetry',
    expr: grown('exporter_send_failed', 'exporter'),
    severity: 'critical',
    summary: `{{ $value | humanize }} ${of('exporter')} were given up`,
    description: 'The back end refused them, or was away for longer than LETTA_OTELCOL_RETRY_FOR. They are lost.'
  },
  {
    alert: 'CollectorRefusesTelemetry',
    expr: grown('receiver_refused', 'receiver'),
    severity: 'warning',
    summary: `{{ $value | humanize }} ${of('receiver')} were refused`,
    description: 'Because of something behind the receiver: the memory limit, or a queue that is full. Senders of letta-otel try again.'
  },
  {
    alert: 'CollectorReceiverFails',
    expr: grown('receiver_failed', 'receiver'),
    severity: 'warning',
    summary: `{{ $value | humanize }} ${of('receiver')} could not be taken`,
    description: 'Because of something in the receiver itself, such as messages that cannot be read.'
  },
  {
    alert: 'NoTracesReceived',
    expr: 'sum(increase(otelcol_receiver_accepted_spans[5m])) == 0',
    severity: 'critical',
    summary: 'No collector has received a span for 5 minutes',
    description: 'Nothing is asked of any service, none of them runs, or they do not reach the collector.'
  },
  {
    alert: 'NoCollectorHeard',
    expr: 'absent(otelcol_receiver_accepted_spans)',
    for: '5m',
    severity: 'critical',
    summary: 'No collector says anything of spans for 5 minutes',
    description: 'No collector runs, none is scraped, or those that run have not received a span since they were started.'
  }
]

/** Rules on the collector's own metrics. */
export function collectorRules (): string {
  const refusesFrom = {
    record: 'letta_otel:collector_refuses_from:bytes',
    expr: expression(`
      # LETTA_OTELCOL_MEMORY_MIB less LETTA_OTELCOL_MEMORY_SPIKE_MIB: say yours here.
      vector((1024 - 256) * 1024 * 1024)`)
  }
  return ruleFile(COMMENT, [{ name: 'letta-otel collector', rules: [refusesFrom, ...ALERTS] }])
}
