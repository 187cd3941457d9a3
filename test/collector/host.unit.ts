import t from 'tap'
import { hostBeforePort, hostOfSocket, reachableHost } from '../../lib/collector/host.ts'

t.test('IPv6 addresses with and without brackets', async t => {
  t.strictSame(['::1', '[::1]', '127.0.0.1', 'localhost', 'fe80::1%eth0'].map(hostBeforePort), ['[::1]', '[::1]', '127.0.0.1', 'localhost', '[fe80::1%eth0]'])
  t.strictSame(['::1', '[::1]', '127.0.0.1', 'localhost'].map(hostOfSocket), ['::1', '::1', '127.0.0.1', 'localhost'])
})

t.test('who listens to everybody is on this machine', async t => {
  t.strictSame(['0.0.0.0', '::', '[::]', '[::1]', '10.0.0.1'].map(reachableHost), ['127.0.0.1', '127.0.0.1', '127.0.0.1', '[::1]', '10.0.0.1'])
})
