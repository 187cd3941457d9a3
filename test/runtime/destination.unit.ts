import { join } from 'node:path'
import t from 'tap'
import { openDestination } from '../../lib/runtime/destination.ts'
import { FileDestination } from '../../lib/runtime/file-destination.ts'
import { MemoryDestination } from '../../lib/runtime/memory-destination.ts'
import { OtlpDestination } from '../../lib/runtime/otlp-destination.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const refuse = (problem: string): void => { throw new Error(problem) }

t.test('each name opens its destination', async t => {
  const directory = temporaryDirectory(t)
  const files = openDestination(runtimeOptions({ destination: 'files' }, { LETTA_DIR: directory }), refuse)
  t.type(files, FileDestination)
  t.equal(files.location, join(directory, 'logs'))
  const otlp = openDestination(runtimeOptions({ endpoint: 'http://127.0.0.1:4318' }), refuse)
  t.type(otlp, OtlpDestination)
  const memory = openDestination(runtimeOptions({ destination: 'memory' }), refuse)
  t.type(memory, MemoryDestination)
  t.equal(memory.location, 'the memory of this process')
})

t.test('none takes nothing', async t => {
  const none = openDestination(runtimeOptions({ destination: 'none' }), refuse)
  t.equal(none.location, 'nowhere')
  t.strictSame([none.spanExporter, none.metricExporter, none.spanProcessor, none.metricReader], [undefined, undefined, undefined, undefined])
  await none.flush()
  await none.close()
})
