import t from 'tap'
import { ok } from '../../../lib/cli/doctor/finding.ts'
import { inTime } from '../../../lib/cli/doctor/in-time.ts'

t.test('a check that finds something, hangs, or fails itself', async t => {
  t.strictSame(await inTime(Promise.resolve(ok('all is there')), 5_000), { status: 'ok', found: 'all is there' })
  t.match(await inTime(new Promise(() => {}), 20), { status: 'failure', found: 'no result within 20 ms' })
  const system = Object.assign(new Error('EIO: of a file that nobody should read about'), { code: 'EIO' })
  t.match(await inTime(Promise.reject(system), 5_000), { status: 'failure', found: 'the check itself failed: EIO' })
  t.match(await inTime(Promise.reject(new TypeError('no such thing\nstack')), 5_000), { status: 'failure', found: 'the check itself failed: no such thing' })
})
