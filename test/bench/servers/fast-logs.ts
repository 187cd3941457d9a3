import type { LettaOtelOptions } from '../../../dist/index.js'
import { lettaOtelServer } from './letta-otel.ts'

export default lettaOtelServer({ engine: 'fast', logs: { otlp: true } as LettaOtelOptions['logs'] & object })
