const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** `14:03:07.123` in the viewer's zone, with the day where it is not today's. */
export function formatTime (iso: string | null, now = Date.now()): string {
  if (iso === null) return '–'
  const date = new Date(iso)
  const fraction = String(date.getMilliseconds()).padStart(3, '0')
  const day = DAY.format(date)
  return `${day === DAY.format(now) ? '' : `${day}, `}${CLOCK.format(date)}.${fraction}`
}

/** All there is to know of a time: for titles and for copying. */
export function formatWhole (iso: string | null): string {
  return iso === null ? '–' : `${new Date(iso).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'long' })} (${iso})`
}

/** `12 s ago`. */
export function formatAge (milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`
}
