import type { Tool } from './tool.ts'

export const currentTime: Tool = {
  name: 'current_time',
  description: 'Tells the current date and time.',
  parameters: {
    type: 'object',
    properties: { time_zone: { type: 'string', description: 'An IANA time zone such as Europe/Berlin; UTC when left out.' } }
  },
  run ({ time_zone: timeZone = 'UTC' }) {
    const now = new Date()
    try {
      return new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone: String(timeZone) }).format(now)
    } catch {
      throw new Error(`There is no time zone "${String(timeZone)}"; use an IANA name such as Europe/Berlin.`)
    }
  }
}
