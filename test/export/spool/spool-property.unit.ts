import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { RECORD_HEAD_BYTES, SEGMENT_HEAD_BYTES } from '../../../lib/export/spool/record-format.ts'
import { Spool, type SpooledRecord } from '../../../lib/export/spool/spool.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

type Step =
  | { readonly do: 'append', readonly bytes: number }
  | { readonly do: 'next' | 'acknowledge' | 'reopen' | 'crash' }
  | { readonly do: 'tear', readonly bytes: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), bytes: fc.integer({ min: 4, max: 300 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('next' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('acknowledge' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tear' as const), bytes: fc.integer({ min: 1, max: 700 }) }) }
)

const root = temporaryDirectory(t)

/** A spool in a directory of its own beside what it has to give: the numbers of the records that wait. */
class Run {
  readonly directory = mkdtempSync(join(root, 'run-'))
  readonly #crashed: Spool[] = []
  #spool!: Spool
  #waiting: number[] = []
  #last = 0
  #given: SpooledRecord | undefined

  async open (): Promise<void> {
    this.#spool = await Spool.open({
      directory: this.directory,
      maxBytes: 10_000_000,
      segmentBytes: 700,
      onProblem: problem => { if (!/ is torn at byte /.test(problem)) throw new Error(problem) }
    })
    this.#given = undefined
  }

  async take (step: Step): Promise<void> {
    switch (step.do) {
      case 'append': return await this.#append(step.bytes)
      case 'next': return await this.#next()
      case 'acknowledge': return await this.#acknowledge()
      case 'crash': return await this.#crash()
      case 'tear': return await this.#tear(step.bytes)
      default:
        await this.#spool.close()
        await this.open()
    }
  }

  async #append (bytes: number): Promise<void> {
    const body = Buffer.alloc(bytes, this.#last)
    body.writeUInt32LE(++this.#last)
    if (!await this.#spool.append({ signal: 'traces', count: this.#last, body })) throw new Error('not taken')
    this.#waiting.push(this.#last)
  }

  async #next (): Promise<void> {
    this.#given = await this.#spool.next()
    const number = this.#given && Buffer.from(this.#given.body).readUInt32LE()
    if (number !== this.#waiting[0] || number !== this.#given?.count) throw new Error(`${number} was given, not ${this.#waiting[0]}`)
  }

  /** Also what was acknowledged before: that must take nothing else away. */
  async #acknowledge (): Promise<void> {
    if (this.#given === undefined) return
    await this.#given.acknowledge()
    if (this.#given.count === this.#waiting[0]) this.#waiting.shift()
  }

  /** The owner is gone as after a SIGKILL, for everyone else. */
  async #crash (): Promise<void> {
    this.#crashed.push(this.#spool)
    for (const file of readdirSync(this.directory)) if (file.endsWith('.owner')) rmSync(join(this.directory, file))
    await this.open()
  }

  async #tear (bytes: number): Promise<void> {
    await this.#spool.close()
    const last = readdirSync(this.directory).filter(file => !file.endsWith('.owner')).sort().at(-1)
    if (last !== undefined) {
      const path = join(this.directory, last)
      const left = Math.max(0, readFileSync(path).length - bytes)
      const lost = recordsBehind(readFileSync(path), left)
      truncateSync(path, left)
      this.#waiting = this.#waiting.filter(number => !lost.includes(number))
    }
    await this.open()
  }

  async end (): Promise<void> {
    for (await this.#next(); this.#given !== undefined; await this.#next()) await this.#acknowledge()
    const { bytes, segments, droppedRecords, memoryOnly } = this.#spool.stats
    if (bytes + segments + droppedRecords !== 0 || memoryOnly) throw new Error('something is left')
    await this.#spool.close()
    for (const spool of this.#crashed) await spool.close()
    if (readdirSync(this.directory).length > 0) throw new Error(`left behind: ${readdirSync(this.directory)}`)
  }
}

/** The numbers of the records in a segment that are not whole before this byte. */
function recordsBehind (segment: Buffer, left: number): number[] {
  const numbers: number[] = []
  // The segment may have been torn before: what is not even a head and a number was lost then.
  for (let at = SEGMENT_HEAD_BYTES; at + RECORD_HEAD_BYTES + 4 <= segment.length;) {
    const body = at + RECORD_HEAD_BYTES
    at = body + segment.readUInt32LE(at + 4)
    if (at > left) numbers.push(segment.readUInt32LE(body))
  }
  return numbers
}

t.test('whatever happens, what is whole and not acknowledged is given, in order, and once', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async steps => {
    const run = new Run()
    await run.open()
    for (const step of steps) await run.take(step)
    await run.end()
  }), { numRuns: 200 })
})
