/** Every scenario of this folder runs with either engine, and both record the same. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { PROJECT, runNode } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ENGINE, RECORD, readRecord } from './scenario-record.ts'

const suites = globSync('test/request/*.test.ts', { cwd: PROJECT })
  .filter(file => readFileSync(join(PROJECT, file), 'utf8').includes('observed-app.ts')).sort()

t.test('the same requests make the same spans', { timeout: 240_000 }, async t => {
  t.ok(suites.length > 5, 'there are suites')
  const directory = temporaryDirectory(t)
  for (const suite of suites) {
    const run = async (engine: string): Promise<string> => {
      const record = join(directory, `${basename(suite)}.${engine}`)
      const { code, stdout } = await runNode([suite], { [ENGINE]: engine, [RECORD]: record })
      t.equal(code, 0, `${suite} passes with engine '${engine}'`, code === 0 ? {} : { stdout })
      return record
    }
    const [fast, sdk] = await Promise.all([run('fast'), run('sdk')])
    t.strictSame(readRecord(fast), readRecord(sdk), suite)
  }
})
