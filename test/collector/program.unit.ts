import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { askProgram, TOO_MUCH } from '../../lib/collector/ask-program.ts'
import { askVersion } from '../../lib/collector/program.ts'
import { libUrl } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { programSaying, putProgram } from './programs.ts'

t.test('what a program says of itself', async t => {
  const directory = temporaryDirectory(t, { plain: programSaying('1.2.3') })
  const answers: Array<[name: string, source: string, answer: object]> = [
    ['contrib', programSaying('0.161.0'), { version: '0.161.0' }],
    ['own', '#!/bin/sh\necho "my-collector version v1.0.0-rc.1 (linux)"\n', { version: '1.0.0-rc.1' }],
    ['silent', '#!/bin/sh\n', { problem: 'it does not say its version when it is asked with --version' }],
    ['other', '#!/bin/sh\necho "true (GNU coreutils)\nLicense GPLv3+: GNU GPL version 3 or later"\n', { problem: 'it does not say its version when it is asked with --version' }],
    ['failing', '#!/bin/sh\necho version 1.2.3\nexit 3\n', { problem: 'asked with --version, it ended with 3; one for another machine does so' }],
    ['killed', '#!/bin/sh\nkill -9 $$\n', { problem: 'asked with --version, it ended with SIGKILL; one for another machine does so' }],
    ['endless', '#!/bin/sh\nexec yes\n', { problem: 'it says far more than its version when it is asked with --version' }],
    ['foreign', 'MZ\u0000\u0001', { problem: 'asked with --version, it ended with 127; one for another machine does so' }]
  ]
  for (const [name, source, answer] of answers) t.match(await askVersion(putProgram(join(directory, name), source)), answer, name)
  t.match(await askVersion(join(directory, 'missing')), { problem: 'it is not there', end: 'ENOENT' })
  t.match(await askVersion(join(directory, 'plain')), { problem: /^it may not be run/ })
})

t.test('a program that is open for writing is asked again once it is not', { skip: process.platform !== 'linux' && 'others run it at once' }, async t => {
  const path = putProgram(join(temporaryDirectory(t), 'busy'), programSaying('1.2.3'))
  const file = openSync(path, 'r+')
  setTimeout(() => { closeSync(file) }, 50)
  t.strictSame(await askVersion(path), { version: '1.2.3' })
})

/** A script that starts another program, and waits for it. A reader of its pipe gets what the program says there, and its end. */
function putWrapper (directory: string, program: string): { path: string, pipe: string } {
  const pipe = join(directory, 'pipe')
  execFileSync('mkfifo', [pipe])
  return { pipe, path: putProgram(join(directory, 'wrapper'), `#!/bin/sh\nsh -c 'exec 9> "$0"; echo running >&9; exec ${program}' "${pipe}"\necho never\n`) }
}

t.test('what a script has started ends with it', { skip: process.platform === 'win32' && 'has no groups of processes' }, async t => {
  await t.test('by a signal', async t => {
    const { path, pipe } = putWrapper(temporaryDirectory(t), 'sleep 600')
    const child = spawn(process.execPath, ['--input-type=module', '--eval', `
      import { askProgram } from ${JSON.stringify(libUrl('collector/ask-program.ts'))}
      process.on('SIGTERM', () => {})
      const { end } = await askProgram(${JSON.stringify(path)}, [], { timeoutMs: 600_000, maxBytes: 1_000 })
      console.log(end)
    `], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = Promise.all([text(child.stdout), once(child, 'close')])
    const program = createReadStream(pipe)
    const programEnded = once(program, 'close')
    await once(program, 'data')
    child.kill('SIGTERM')
    await programEnded
    t.strictSame(await ended, ['SIGTERM\n', [0, null]])
  })

  await t.test('when it says too much', async t => {
    const { path, pipe } = putWrapper(temporaryDirectory(t), 'yes')
    const programEnded = once(createReadStream(pipe).resume(), 'close')
    const { stdout, end } = await askProgram(path, [], { timeoutMs: 600_000, maxBytes: 1_000 })
    t.strictSame([stdout, end], ['y\n'.repeat(500), TOO_MUCH])
    await programEnded
  })
})
