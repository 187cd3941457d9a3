import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { recordBytes, SEGMENT_HEAD_BYTES, type SpoolRecord } from '../../../lib/export/spool/record-format.ts'
import { SegmentWriter } from '../../../lib/export/spool/segment-writer.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const record: SpoolRecord = { signal: 'logs', count: 7, body: Buffer.from('body') }

t.test('a segment is a head and records, its owner’s alone', async t => {
  const path = join(temporaryDirectory(t), 'x')
  const writer = await SegmentWriter.create(path)
  await writer.append(record)
  await writer.append(record)
  t.match(writer, { bytes: SEGMENT_HEAD_BYTES + 2 * recordBytes(record), records: 2, items: 14 })
  await writer.close()
  const bytes = readFileSync(path)
  t.equal(bytes.length, writer.bytes)
  t.equal(bytes.toString('hex', 0, 16), '4c4f5350' + '01' + '000000' + '0000000000000000')
  t.equal(bytes.toString('hex', 20, 32), '04000000' + '07000000' + '02000000')
  t.equal(bytes.toString('latin1', 32, 36), 'body')
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('a file that is there is not written to', async t => {
  const path = join(temporaryDirectory(t, { x: 'mine' }), 'x')
  await t.rejects(SegmentWriter.create(path), { code: 'EEXIST' })
  t.equal(readFileSync(path, 'latin1'), 'mine')
})

t.test('a record for a file that was removed is not kept', async t => {
  const path = join(temporaryDirectory(t), 'x')
  const writer = await SegmentWriter.create(path)
  await writer.append(record)
  rmSync(path)
  await t.rejects(writer.append(record), { code: 'ENOENT' })
  t.equal(writer.records, 1)
  t.equal(existsSync(path), false)
  await writer.close()
})
