import t from 'tap'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runHere } from '../command-line.ts'

t.test('a command line that cannot work is refused', async t => {
  for (const words of [['--port', 'x'], ['--port', ''], ['--host', '0.0.0.0'], ['--days', '0'], ['--memory-mb', '1'], ['--max-gb', '-1'], ['--token', 'short'], ['--nothing']]) {
    t.equal((await runHere(['dev', '--data', temporaryDirectory(t), ...words], {})).code, 2, words.join(' '))
  }
})
