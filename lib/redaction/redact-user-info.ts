import { REDACTED } from '../vocabulary/secrets.ts'

/** What stands behind the scheme of a URL, up to the last `@` before its path: a password may hold one. */
const USER_INFO = /(?<=:\/\/)([^/?#\s]*)@/g

/** Text whose URLs name no user and no password, as the conventions for `url.full` write them. */
export function redactUserInfo (text: string): string {
  return mayNameUser(text) ? text.replace(USER_INFO, (_match, user: string) => user.includes(':') ? `${REDACTED}:${REDACTED}@` : `${REDACTED}@`) : text
}

/** Whether a text may hold a URL that names a user. */
export function mayNameUser (text: string): boolean {
  return text.includes('://') && text.includes('@')
}
