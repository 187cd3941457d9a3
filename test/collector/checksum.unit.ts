import { join } from 'node:path'
import t from 'tap'
import { readChecksum, sha256Of } from '../../lib/collector/checksum.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const ONE = 'a1'.repeat(32)
const TWO = 'b2'.repeat(32)

t.test('a checksum alone, or in a list', async t => {
  t.equal(readChecksum(ONE, 'x.tar.gz'), ONE, 'without a line end, as it is released')
  t.equal(readChecksum(`${ONE.toUpperCase()}\r\n`, 'x.tar.gz'), ONE)
  t.equal(readChecksum(`${ONE}  y.tar.gz\n${TWO} *x.tar.gz\n`, 'x.tar.gz'), TWO)
})

t.test('none of this archive', async t => {
  for (const text of ['', '\n', 'not found', ONE.slice(1), `${ONE}0`, `${ONE}  other.tar.gz`, `<html>${ONE}</html>`]) {
    t.equal(readChecksum(text, 'x.tar.gz'), undefined, text)
  }
})

t.test('of a file', async t => {
  const directory = temporaryDirectory(t, { empty: '', file: 'abc' })
  t.equal(await sha256Of(join(directory, 'file')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  t.equal(await sha256Of(join(directory, 'empty')), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
