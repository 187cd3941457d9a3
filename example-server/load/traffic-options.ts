import { parseArgs } from 'node:util'
import { SettingError, urlFrom } from '../environment.ts'

export interface TrafficOptions {
  readonly baseUrl: string
  readonly seconds: number
  /** Requests a second. */
  readonly rate: number
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** @throws {SettingError} an argument cannot work, or the target is not this machine */
export function trafficOptions (args: readonly string[]): TrafficOptions {
  const { seconds, rate } = parse(args)
  const baseUrl = urlFrom('BASE_URL') ?? 'http://127.0.0.1:8283'
  if (!LOOPBACK.test(new URL(baseUrl).hostname)) {
    throw new SettingError(`BASE_URL is ${new URL(baseUrl).origin}: traffic is only sent to this machine, for example http://127.0.0.1:8283.`)
  }
  return { baseUrl, seconds: between('seconds', seconds, 1, 3_600), rate: between('rate', rate, 0.1, 100) }
}

function parse (args: readonly string[]): { seconds: string, rate: string } {
  try {
    return parseArgs({
      args: [...args], options: { seconds: { type: 'string', default: '20' }, rate: { type: 'string', default: '5' } }
    }).values
  } catch (problem) {
    throw new SettingError(`${(problem as Error).message}. Usage: npm run traffic -- --seconds 20 --rate 5`)
  }
}

function between (name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max) return value
  throw new SettingError(`--${name} is ${JSON.stringify(text)}: use a number from ${min} to ${max}.`)
}
