/** Variables that cannot work, said in one sentence a person can act on. */
export class SettingError extends Error {}

/** @param variable that chooses another port */
export function portInUse (host: string, port: number, variable: string): SettingError {
  return new SettingError(`Port ${port} on ${host} is already in use: end what listens there, or choose another port with ${variable}.`)
}

/** A number from the environment. An empty variable counts as unset. */
export function numberFrom (name: string, otherwise: number, min: number, max: number): number {
  const text = textFrom(name)
  if (text === undefined) return otherwise
  const value = Number(text)
  if (value >= min && value <= max) return value
  throw new SettingError(`${name} is ${JSON.stringify(text)}: use a number from ${min} to ${max}.`)
}

export function portFrom (name: string, otherwise: number): number {
  const port = numberFrom(name, otherwise, 0, 65_535)
  if (Number.isInteger(port)) return port
  throw new SettingError(`${name} is ${port}: use a whole number from 0 to 65535, 0 for any free port.`)
}

export function textFrom (name: string): string | undefined {
  const text = process.env[name]?.trim()
  return text === '' ? undefined : text
}

/** Whether a variable is `true`. An empty one counts as unset. */
export function flagFrom (name: string): boolean {
  const text = textFrom(name) ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new SettingError(`${name} is ${JSON.stringify(text)}: use true or false.`)
}

/** An http or https URL without the slashes at its end. */
export function urlFrom (name: string): string | undefined {
  const text = textFrom(name)
  if (text === undefined) return undefined
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text.replace(/\/+$/, '')
  throw new SettingError(`${name} is no http or https URL.`)
}
