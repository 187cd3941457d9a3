const UUID_LENGTH = 36
const TYPE_MAX_LENGTH = 32
/** Ids taken from one URL; a client could write any number of them. */
const IDS_MAX = 8

/**
 * Finds ids of the form `<type>-<uuid>` among the path segments and query values of a URL, and names each
 * `<type>_id`: `/v1/agents/agent-0f…/messages` gives `{ agent_id: 'agent-0f…' }`. The first id of a type stands.
 */
export function pathIds (url: string): Record<string, string> {
  const ids: Record<string, string> = {}
  let found = 0
  let start = 0
  for (let at = 0; at <= url.length && found < IDS_MAX; at++) {
    if (at < url.length && !isSeparator(url.charCodeAt(at))) continue
    const typeEnd = at - UUID_LENGTH - 1
    if (typeEnd > start && typeEnd - start <= TYPE_MAX_LENGTH && isTypedId(url, start, typeEnd)) {
      const field = `${url.slice(start, typeEnd)}_id`
      if (!(field in ids)) {
        ids[field] = url.slice(start, at)
        found++
      }
    }
    start = at + 1
  }
  return ids
}

// '/', '?', '&', '=', '#'
function isSeparator (code: number): boolean {
  return code === 47 || code === 63 || code === 38 || code === 61 || code === 35
}

function isTypedId (url: string, start: number, typeEnd: number): boolean {
  for (let at = start; at < typeEnd; at++) {
    const code = url.charCodeAt(at)
    if (!isLowerCaseLetter(code) && code !== 95) return false
  }
  if (url.charCodeAt(typeEnd) !== 45) return false
  for (let at = 0; at < UUID_LENGTH; at++) {
    const code = url.charCodeAt(typeEnd + 1 + at)
    const hyphen = at === 8 || at === 13 || at === 18 || at === 23
    if (hyphen ? code !== 45 : !isHexDigit(code)) return false
  }
  return true
}

function isLowerCaseLetter (code: number): boolean {
  return code >= 97 && code <= 122
}

function isHexDigit (code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
}
