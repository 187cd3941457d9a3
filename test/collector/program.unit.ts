import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { askVersion } from '../../lib/collector/program.ts'
import { programSaying, putProgram } from './programs.ts'

t.test('what a program says of itself', async t => {
  const directory = t.testdir({ plain: programSaying('1.2.3') })
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
  const path = putProgram(join(t.testdir(), 'busy'), programSaying('1.2.3'))
  const file = openSync(path, 'r+')
  setTimeout(() => { closeSync(file) }, 50)
  t.strictSame(await askVersion(path), { version: '1.2.3' })
})
