import t from 'tap'
import { deviceId } from '../../lib/runtime/device-id.ts'

t.test('the first hardware address as one decimal number', async t => {
  const address = (mac: string, internal: boolean): any => ({ mac, internal, address: '', netmask: '', family: 'IPv4', cidr: null })
  t.equal(deviceId({ lo: [address('00:00:00:00:00:00', true)], eth0: [address('02:42:ac:11:00:02', false)], eth1: [address('ff:ff:ff:ff:ff:ff', false)] }), '2485377892354')
  t.equal(deviceId({ lo: [address('02:42:ac:11:00:02', true)], tun0: [address('00:00:00:00:00:00', false)], gone: undefined }), undefined)
  t.equal(deviceId({ a: [address('ff:ff:ff:ff:ff:ff', false)] }), '281474976710655')
  t.equal(deviceId({}), undefined)
})
