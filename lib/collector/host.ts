import { isIPv6 } from 'node:net'

export const LOOPBACK = '127.0.0.1'

/** As a host stands before a port: an IPv6 address in brackets. */
export function hostBeforePort (host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

/** As a socket takes it: without brackets. */
export function hostOfSocket (host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

/** An address on which whoever listens to a host is reached from this machine. */
export function reachableHost (host: string): string {
  return ['0.0.0.0', '::'].includes(hostOfSocket(host)) ? LOOPBACK : host
}
