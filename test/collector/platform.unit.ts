import t from 'tap'
import { releasePlatform } from '../../lib/collector/platform.ts'

t.test('the four that the collector is installed on', async t => {
  t.strictSame(releasePlatform('linux', 'x64'), { os: 'linux', arch: 'amd64' })
  t.strictSame(releasePlatform('linux', 'arm64'), { os: 'linux', arch: 'arm64' })
  t.strictSame(releasePlatform('darwin', 'x64'), { os: 'darwin', arch: 'amd64' })
  t.strictSame(releasePlatform('darwin', 'arm64'), { os: 'darwin', arch: 'arm64' })
})

t.test('any other is refused in words that help', async t => {
  for (const [system, processor] of [['win32', 'x64'], ['linux', 'ia32'], ['freebsd', 'arm64'], ['toString', 'constructor']] as const) {
    t.throws(() => releasePlatform(system, processor), {
      code: 'LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM',
      message: `there is no collector for ${system}/${processor} here: it is installed on darwin/amd64, darwin/arm64, linux/amd64, linux/arm64. ` +
        'Run one in a container, or name one of your own with --binary'
    })
  }
})
