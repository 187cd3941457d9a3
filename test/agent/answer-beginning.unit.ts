import t from 'tap'
import { AnswerBeginning } from '../../lib/agent/answer-beginning.ts'

t.test('how it begins is told however its bytes are split', async t => {
  for (const [text, isEvents] of [['\uFEFFdata: x\n\n', true], ['\r\n\n: ping\n', true], ['event: x\n', true], ['{"data":1}', false], ['é: x\n', false], ['dat', false]] as const) {
    const bytes = Buffer.from(text)
    for (let size = 1; size <= bytes.length; size++) {
      const beginning = new AnswerBeginning()
      const given: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size) {
        const chunk = bytes.subarray(at, at + size)
        given.push(...beginning.isEvents === undefined ? beginning.add(chunk) : [chunk])
      }
      given.push(...beginning.end())
      t.strictSame([beginning.isEvents, Buffer.concat(given).toString()], [isEvents, text], `${JSON.stringify(text)} in pieces of ${size}`)
    }
  }
})

t.test('empty chunks are not kept, however many come', async t => {
  const beginning = new AnswerBeginning()
  beginning.add(Buffer.from('da'))
  for (let at = 0; at < 1_000; at++) t.strictSame(beginning.add(new Uint8Array(0)), [])
  t.equal(beginning.add(Buffer.from('ta: x')).length, 2)
  t.equal(beginning.isEvents, true)
})
