import { networkInterfaces } from 'node:os'

/** The first hardware address of this machine as one decimal number: how Letta tells developers' machines apart. */
export function deviceId (interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): string | undefined {
  for (const addresses of Object.values(interfaces)) {
    for (const { internal, mac } of addresses ?? []) {
      if (!internal && mac !== '00:00:00:00:00:00') return BigInt(`0x${mac.replaceAll(':', '')}`).toString()
    }
  }
  return undefined
}
