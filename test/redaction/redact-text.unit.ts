/** Long texts are redacted piece by piece: what that changes nothing in, and what it bounds. */
import t from 'tap'
import { redactBeginning, redactText } from '../../lib/redaction/redact-text.ts'
import { PIECE_MAX } from '../../lib/redaction/text-pieces.ts'

const SECRETS = [
  'sk-proj-abcdefghijklmnop', 'Bearer abcdefghijklmnopqrstuvwxyz', 'xoxb-1234567890-abc', 'https://user:secretword@host/path?token=abcdefgh', `eyJ${'a'.repeat(40)}.eyJ${'b'.repeat(40)}.${'c'.repeat(40)}`,
  '-----BEGIN PRIVATE KEY-----\nMIIEvQ IBADAN\nBgkqhki\n-----END PRIVATE KEY-----'
]
const LEAK = /abcdefgh|secretword|1234567890|eyJaaaa|IBADAN|Bgkq/

function * positions (secret: string): Generator<number> {
  for (let at = PIECE_MAX - secret.length - 3; at <= PIECE_MAX + 3; at += 3) yield at
}

t.test('a secret is found wherever a piece ends', async t => {
  for (const secret of SECRETS) {
    for (const at of positions(secret)) {
      for (const filling of ['word ', 'w'.repeat(30_000)]) {
        const before = `${filling.repeat(Math.ceil(at / filling.length)).slice(0, at - 1)} `
        const redacted = redactText(`${before}${secret} and more ${'word '.repeat(5_000)}`)
        if (LEAK.test(redacted) || !redacted.startsWith(before)) t.fail(`${secret} at ${at}: ${redacted.slice(at - 10, at + 40)}`)
      }
    }
  }
})

t.test('credentials are found in a word that is longer than a piece', async t => {
  const image = `image=${Buffer.alloc(15_000, 'abc').toString('base64')}`
  for (const scheme of ['Bearer', 'bearer  ', 'BASIC']) {
    const text = `${image}&authorization=${scheme} abcdefghijklmnopqrstuvwxyz and more`
    t.notMatch(redactText(text), LEAK, scheme)
    t.match(redactText(text), /and more$/)
    t.notMatch(redactBeginning(text, text.length - 2, { left: 100_000 }).text, LEAK, scheme)
  }
})

t.test('a last word of any length is left out where it begins as a secret', async t => {
  for (const secret of ['sk-proj-abcdefgh', 'https://user:secretword', `eyJ${'a'.repeat(20)}`]) {
    for (let length = PIECE_MAX - 2; length <= PIECE_MAX + 2; length++) {
      const cut = `words ${'w'.repeat(length - secret.length - 1)}.${secret}`
      const { text, isCut } = redactBeginning(`${cut}ijklmnopqrstuvwxyz@host`, cut.length, { left: 100_000 })
      if (!isCut || LEAK.test(text)) t.fail(`${secret} in ${length}: ${text.slice(-40)}`)
    }
  }
})

t.test('what is no secret stays as it is', async t => {
  for (const text of ['word '.repeat(20_000), 'x'.repeat(100_000), ' '.repeat(100_000), 'bearer '.repeat(20_000), '\n\n'.repeat(50_000), `${Buffer.alloc(100_000, 'eyJx').toString('base64')}`]) {
    t.ok(redactText(text) === text, text.slice(0, 20))
  }
})

t.test('a secret that the end of a beginning cuts in two is left out', async t => {
  for (const secret of SECRETS) {
    for (let kept = 1; kept <= secret.length; kept++) {
      const { text, isCut } = redactBeginning(`some words ${secret} more`, 11 + kept, { left: 1_000 })
      if (!isCut || LEAK.test(text) || !text.startsWith('some words ')) t.fail(`${secret}: ${text}`)
      // A scheme or a header alone is none; of a key only what all have is kept.
      if (secret.startsWith('sk-') && kept >= 3) t.equal(text, 'some words REDACTED')
    }
  }
  t.strictSame(redactBeginning('plain words', 8, { left: 0 }), { text: 'plain wo', isCut: true })
  t.strictSame(redactBeginning('plain words', 11, { left: 0 }), { text: 'plain words', isCut: false })
})

t.test('no more is looked at closely than there is time for', async t => {
  const urls = 'https://u:p@h/x?api_key=abc&b=1 '.repeat(60_000)
  const look = { left: 100_000 }
  const { text, isCut } = redactBeginning(urls, 2_000_000, look)
  t.ok(isCut)
  t.ok(text.length > 80_000 && text.length < 200_000, `${text.length}`)
  t.notMatch(text, /u:p|abc/)
  t.match(text.slice(-40), /b=1 $/, 'between words')
  t.strictSame(redactBeginning(urls, 2_000_000, look), { text: '', isCut: true })
  t.ok(redactBeginning('word '.repeat(400_000), 2_000_000, look).text.length === 2_000_000, 'where there is nothing to look at, all is kept')
})
