import t from 'tap'
import { readOwnMetrics } from '../../lib/collector/own-metrics.ts'

/** As 0.161.0 tells them. */
const TEXT = `# HELP otelcol_exporter_queue_capacity Fixed capacity of the retry queue (in batches). [alpha]
# TYPE otelcol_exporter_queue_capacity gauge
otelcol_exporter_queue_capacity{data_type="logs",exporter="clickhouse"} 1.073741824e+09
otelcol_exporter_queue_capacity{data_type="traces",exporter="clickhouse"} 1.073741824e+09
# TYPE otelcol_exporter_queue_size gauge
otelcol_exporter_queue_size{data_type="logs",exporter="clickhouse"} 10
otelcol_exporter_queue_size{data_type="traces",exporter="clickhouse"} 536870912
# TYPE otelcol_exporter_queue_batch_send_size histogram
otelcol_exporter_queue_batch_send_size_bucket{exporter="clickhouse",le="+Inf"} 4
otelcol_exporter_queue_batch_send_size_sum{exporter="clickhouse"} 4
otelcol_exporter_queue_batch_send_size_count{exporter="clickhouse"} 4
# TYPE otelcol_exporter_sent_spans counter
otelcol_exporter_sent_spans{exporter="clickhouse"} 95
# TYPE otelcol_exporter_send_failed_spans counter
otelcol_exporter_send_failed_spans{exporter="clickhouse"} 3
# TYPE otelcol_exporter_enqueue_failed_log_records counter
otelcol_exporter_enqueue_failed_log_records{exporter="clickhouse"} 2
# TYPE otelcol_process_uptime counter
otelcol_process_uptime 6.25
# TYPE otelcol_receiver_accepted_spans counter
otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 40
otelcol_receiver_accepted_spans{receiver="otlp",transport="http"} 60
# TYPE otelcol_receiver_refused_spans counter
otelcol_receiver_refused_spans{receiver="otlp",transport="http"} 5
# TYPE otelcol_receiver_failed_metric_points counter
otelcol_receiver_failed_metric_points{receiver="otlp",transport="http"} 1
`
const NOTHING = { accepted: null, refused: null, failed: null, sent: null, send_failed: null, enqueue_failed: null, queue_size: null, queue_capacity: null }

t.test('what receivers and exporters tell, by signal', async t => {
  t.strictSame(readOwnMetrics(TEXT), {
    components: [
      { ...NOTHING, kind: 'receiver', component: 'otlp', signal: 'metrics', failed: 1 },
      { ...NOTHING, kind: 'receiver', component: 'otlp', signal: 'traces', accepted: 100, refused: 5 },
      { ...NOTHING, kind: 'exporter', component: 'clickhouse', signal: 'logs', enqueue_failed: 2, queue_size: 10, queue_capacity: 1_073_741_824 },
      { ...NOTHING, kind: 'exporter', component: 'clickhouse', signal: 'traces', sent: 95, send_failed: 3, queue_size: 536_870_912, queue_capacity: 1_073_741_824 }
    ],
    fullestQueue: { exporter: 'clickhouse traces', size: 536_870_912, capacity: 1_073_741_824 },
    refused: 5,
    sendFailed: 3,
    enqueueFailed: 2
  })
})

t.test('names with unit and kind, as other collectors are configured', async t => {
  const { components } = readOwnMetrics('otelcol_receiver_refused_spans__spans__total{receiver="otlp"} 1\notelcol_exporter_sent_log_records_total{exporter="x"} 2\n' +
    'otelcol_exporter_queue_size__batches_{exporter="x",data_type="logs"} 3\n')
  t.match(components, [{ component: 'otlp', signal: 'traces', refused: 1 }, { component: 'x', signal: 'logs', sent: 2, queue_size: 3 }])
})

t.test('nothing yet', async t => {
  t.strictSame(readOwnMetrics(''), { components: [], fullestQueue: undefined, refused: 0, sendFailed: 0, enqueueFailed: 0 })
})
