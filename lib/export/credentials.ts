/** The value of an `authorization` header that says who a URL's user is. */
export function basic (username: string, password: string): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}

/**
 * Every text that must not be told of what is sent with a request: values of headers, also without their scheme, and user,
 * password and values of the query of its URL, as they are written and as they are meant. The longest first.
 */
export function secretsOf (url: string, headerValues: readonly string[]): string[] {
  const { username, password, search, searchParams } = new URL(url)
  const written = search.slice(1).split('&').map(pair => pair.slice(pair.indexOf('=') + 1))
  const secrets = [
    ...headerValues,
    ...headerValues.map(value => value.slice(value.lastIndexOf(' ') + 1)),
    ...[username, password].flatMap(text => [text, decoded(text)]),
    ...written,
    ...searchParams.values()
  ]
  return [...new Set(secrets)].filter(secret => secret !== '').sort((one, other) => other.length - one.length)
}

/** A password may hold a percent sign that nobody escaped. */
function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
