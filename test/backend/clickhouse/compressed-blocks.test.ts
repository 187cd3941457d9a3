import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { cityHash128 } from '../../../lib/backend/clickhouse/city-hash.ts'
import { readBlocks, writeBlocks } from '../../../lib/backend/clickhouse/compressed-blocks.ts'

/** Hashes that ClickHouse's Go client made of the first bytes of one text. */
const HASHES: ReadonlyArray<readonly [length: number, hash: string]> = [
  [0, '2b9ac064fc9df03d291ee592c340b53c'], [3, 'f9142162b07e08600b91a0fe02d9bc10'], [7, 'f9ed9049317148ead26f1cb3e923f407'],
  [8, '08486a4a8658e1263589341deab442c3'], [15, 'b3610b737fddcf6d69cd3016d59e7fcf'], [16, '4b058a02e82dbfd0ac607ce5441fe4b6'],
  [17, 'c4e1e65857253b8447349b5e6e1cd009'], [24, 'fb8397a3cf3147e5fa38f909a3f5f7e4'], [33, 'eb40a9cbac7b057b79ebbb38b1eca619'],
  [100, '76fa89b243d041d9d020004b3af710ce'], [127, '7b0396d15e47953eb1d4afb9404bd017'], [143, 'e436fc71c221739117717fc7bfd5410b'],
  [144, '76701f9cc805b7a665498a7e7ba5aa56'], [145, 'fa7acf3356bbc94ce7cd2b92bb70a3df'], [176, '37e25a2b06b93297363d44beb4f1db91'],
  [272, '01302da8262b24d719ca438bbba176d5'], [273, '5f0f77ee06c32b0010c8d20d07439021'], [1999, 'ba33f0ce4c77d948484570b949408153']
]

/** A block as that client makes it, but for the checksum. */
function block (method: number, packed: Uint8Array, size: number): Buffer {
  const head = Buffer.alloc(25)
  head.writeUInt8(method, 16)
  head.writeUInt32LE(9 + packed.length, 17)
  head.writeUInt32LE(size, 21)
  return Buffer.concat([head, packed])
}

async function blocksOf (...parts: Uint8Array[]): Promise<Buffer> {
  return Buffer.concat(await writeBlocks(parts))
}

const TEXT = Buffer.from('abcabcabd'.repeat(40) + 'x'.repeat(400) + 'the end of it all')
const LZ4 = Buffer.from('9f6162636162636162640900ff4d1f780100ff7bf004787874686520656e64206f6620697420616c6c', 'hex')

t.test('checksums are those of other implementations', async t => {
  const bytes = Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * index * 7 + index * 3 + 1) & 255))
  for (const [length, hash] of HASHES) t.equal(cityHash128(bytes.subarray(0, length)).toString('hex'), hash, `${length} bytes`)
})

t.test('what is written is read again', async t => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async bytes => { t.ok((await readBlocks(await blocksOf(bytes), 1e6)).equals(bytes)) }), { numRuns: 20 })
  const large = Buffer.alloc(2_500_000, 'large')
  t.ok((await readBlocks(await blocksOf(large), 1e7)).equals(large), 'in several blocks')
  const parts = [large.subarray(0, 10), large.subarray(10, 10), large.subarray(10, 1_000_000), large.subarray(1_000_000)]
  t.ok((await readBlocks(await blocksOf(...parts), 1e7)).equals(large), 'of several parts')
})

t.test('blocks in every method are read, one after the other', async t => {
  const blocks = [block(0x82, LZ4, TEXT.length), block(0x90, zstdCompressSync(TEXT), TEXT.length), block(0x02, TEXT, TEXT.length)]
  t.equal((await readBlocks(Buffer.concat(blocks), 1e6)).toString(), TEXT.toString().repeat(3))
})

t.test('blocks that are broken, or become too large, are refused', async t => {
  const broken: Array<[what: string, bytes: Buffer, code: number]> = [
    ['cut off', block(0x82, LZ4, TEXT.length).subarray(0, -1), 271],
    ['a head alone', Buffer.alloc(10), 271],
    ['another length', block(0x02, TEXT, TEXT.length - 1), 271],
    ['LZ4 that gives too little', block(0x82, LZ4, TEXT.length + 1), 271],
    ['LZ4 that gives too much', block(0x82, LZ4, TEXT.length - 1), 271],
    ['LZ4 that repeats what is not there', block(0x82, Buffer.from([0x10, 0x61, 0x05, 0x00, 0x00]), 100), 271],
    ['LZ4 that ends in a length', block(0x82, Buffer.from([0xf0, 0xff]), 1_000), 271],
    ['LZ4 that ends in a distance', block(0x82, Buffer.from([0x10, 0x61, 0x05]), 100), 271],
    ['no ZSTD', block(0x90, TEXT, TEXT.length), 271],
    ['an unknown method', block(0x55, TEXT, TEXT.length), 89],
    ['a bomb', block(0x82, LZ4, 0x7fffffff), 131],
    ['more than may be', await blocksOf(Buffer.alloc(2_000_000)), 131]
  ]
  for (const [what, bytes, code] of broken) await t.rejects(readBlocks(bytes, 1_500_000), { code }, what)
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(1_000), async (packed, size) => {
    try {
      t.equal((await readBlocks(block(0x82, packed, size), 1e6)).length, size)
    } catch (problem) {
      t.match(problem, { code: 271 })
    }
  }), { numRuns: 200 })
})

t.test('repetitions of any distance and length are what they repeat', async t => {
  // A literal run, then one repetition of it: the last five bytes are literals, as the format asks for.
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 14 }), fc.nat(13), fc.integer({ min: 4, max: 400 }), async (literals, back, repeated) => {
    const distance = Math.min(back + 1, literals.length)
    const more = repeated - 4
    const lengths = more < 15 ? [] : [...Array<number>(Math.floor((more - 15) / 255)).fill(255), (more - 15) % 255]
    const packed = Buffer.from([literals.length << 4 | Math.min(more, 15), ...literals, distance, 0, ...lengths, 0x50, ...Buffer.from('12345')])
    const expected = [...literals]
    for (let index = 0; index < repeated; index++) expected.push(expected[expected.length - distance]!)
    const contents = Buffer.concat([Buffer.from(expected), Buffer.from('12345')])
    t.ok((await readBlocks(block(0x82, packed, contents.length), 1e6)).equals(contents))
  }), { numRuns: 200 })
})

t.test('memory is asked for before it is taken', async t => {
  const taken: number[] = []
  const blocks = Buffer.concat([block(0x02, TEXT, TEXT.length), block(0x82, LZ4, TEXT.length)])
  await readBlocks(blocks, 1e6, bytes => { taken.push(bytes) })
  t.strictSame(taken, [TEXT.length, TEXT.length])
  await t.rejects(readBlocks(blocks, 1e6, () => { throw new Error('none left') }), /none left/)
})
