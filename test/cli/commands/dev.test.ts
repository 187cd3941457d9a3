import t from 'tap'
import { runHere } from '../command-line.ts'

t.test('a command line that cannot work is refused', async t => {
  for (const words of [['--port', 'x'], ['--port', ''], ['--host', '0.0.0.0'], ['--days', '0'], ['--memory-mb', '1'], ['--max-gb', '-1'], ['--token', 'short'], ['--nothing']]) {
    t.equal((await runHere(['dev', '--data', t.testdir(), ...words], {})).code, 2, words.join(' '))
  }
})
