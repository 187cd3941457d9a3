import { lettaOtelServer } from './letta-otel.ts'

export default lettaOtelServer({ engine: 'fast', logs: { otlp: true } })
