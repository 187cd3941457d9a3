import t from 'tap'
import { releaseOf } from '../../lib/collector/release.ts'

t.test('the names of the project', async t => {
  const { archive, archiveUrl, checksumUrl } = releaseOf('0.161.0', { os: 'linux', arch: 'arm64' })
  const directory = 'https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v0.161.0'
  t.equal(archive, 'otelcol-contrib_0.161.0_linux_arm64.tar.gz')
  t.equal(archiveUrl.href, `${directory}/${archive}`)
  t.equal(checksumUrl.href, `${directory}/${archive}.sha256`)
})

t.test('a mirror has the same below its own URL', async t => {
  const urls: Array<[mirror: string, archive: string]> = [
    ['http://mirror', 'http://mirror/v1.2.3/otelcol-contrib_1.2.3_darwin_amd64.tar.gz'],
    ['https://user:pass@mirror:8443/a/b//', 'https://user:pass@mirror:8443/a/b/v1.2.3/otelcol-contrib_1.2.3_darwin_amd64.tar.gz'],
    ['https://mirror/a?signature=x', 'https://mirror/a/v1.2.3/otelcol-contrib_1.2.3_darwin_amd64.tar.gz?signature=x']
  ]
  for (const [mirror, archive] of urls) t.equal(releaseOf('1.2.3', { os: 'darwin', arch: 'amd64' }, new URL(mirror)).archiveUrl.href, archive)
})
