import { readSamples } from './prometheus-text.ts'

/** What a receiver or an exporter tells of one signal, counted since the collector started, in spans, data points or log records. */
export interface ComponentFigures {
  readonly kind: 'receiver' | 'exporter'
  readonly component: string
  readonly signal: string
  /** Taken by a receiver. */
  readonly accepted: number | null
  /** Not taken, because of something behind the receiver: the memory limit, a queue that is full. The sender keeps it. */
  readonly refused: number | null
  /** Not taken, because of something in the receiver itself. */
  readonly failed: number | null
  /** Taken by a back end. */
  readonly sent: number | null
  /** Not taken by a back end, and given up. */
  readonly send_failed: number | null
  /** For which an exporter's queue had no room. */
  readonly enqueue_failed: number | null
  /** What waits, in the unit of the queue's configuration: bytes, items or requests. */
  readonly queue_size: number | null
  readonly queue_capacity: number | null
}

export interface CollectorFigures {
  readonly components: readonly ComponentFigures[]
  /** The exporter queue that is filled most; nothing without queues. */
  readonly fullestQueue: { readonly exporter: string, readonly size: number, readonly capacity: number } | undefined
  readonly refused: number
  readonly sendFailed: number
  readonly enqueueFailed: number
}

const NOTHING: Omit<ComponentFigures, 'kind' | 'component' | 'signal'> = Object.freeze({
  accepted: null, refused: null, failed: null, sent: null, send_failed: null, enqueue_failed: null, queue_size: null, queue_capacity: null
})

/** As they are configured, Prometheus' exporter adds the unit and the kind to names. */
const COUNT = /^otelcol_(receiver|exporter)_(accepted|refused|failed|sent|send_failed|enqueue_failed)_(spans|metric_points|log_records)(?:__\w+?)?(?:_total)?$/
const QUEUE = /^otelcol_exporter_(queue_size|queue_capacity)(?:__\w+)?$/

/** By the words that the labels of queues have for them. */
const SIGNALS: Readonly<Record<string, string>> = Object.freeze({ spans: 'traces', metric_points: 'metrics', log_records: 'logs' })

/** @param text of the collector's own metrics, in Prometheus' format */
export function readOwnMetrics (text: string): CollectorFigures {
  const components = new Map<string, ComponentFigures>()
  const add = (kind: ComponentFigures['kind'], labels: Readonly<Record<string, string>>, signal: string, figure: string, value: number): void => {
    const component = labels[kind] ?? ''
    const key = `${kind} ${component} ${signal}`
    const known = components.get(key) ?? { kind, component, signal, ...NOTHING }
    // Several transports of a receiver are one to who looks at it.
    components.set(key, { ...known, [figure]: (known[figure as keyof typeof NOTHING] ?? 0) + value })
  }
  for (const { name, labels, value } of readSamples(text)) {
    const [, kind, figure, unit] = COUNT.exec(name) ?? []
    if (figure !== undefined) add(kind as ComponentFigures['kind'], labels, SIGNALS[unit!]!, figure, value)
    const queue = QUEUE.exec(name)?.[1]
    if (queue !== undefined) add('exporter', labels, labels['data_type'] ?? '', queue, value)
  }
  // Receivers first: the way that telemetry goes.
  const all = [...components].sort(([one], [other]) => other.split(' ')[0]!.localeCompare(one.split(' ')[0]!) || one.localeCompare(other)).map(([, component]) => component)
  return {
    components: all,
    fullestQueue: fullestOf(all),
    refused: sum(all, 'refused'),
    sendFailed: sum(all, 'send_failed'),
    enqueueFailed: sum(all, 'enqueue_failed')
  }
}

function sum (components: readonly ComponentFigures[], figure: keyof typeof NOTHING): number {
  return components.reduce((total, component) => total + (component[figure] ?? 0), 0)
}

function fullestOf (components: readonly ComponentFigures[]): CollectorFigures['fullestQueue'] {
  const [fullest] = components
    .map(({ component, signal, queue_size: size, queue_capacity: capacity }) => ({ exporter: `${component} ${signal}`.trim(), size: size ?? 0, capacity: capacity ?? 0 }))
    .filter(({ capacity }) => capacity > 0)
    .sort((one, other) => other.size / other.capacity - one.size / one.capacity)
  return fullest
}
