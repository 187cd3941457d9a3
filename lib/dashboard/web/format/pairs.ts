const SPECIAL_IN_NAME = /[\\,=]/g
const SPECIAL_IN_VALUE = /[\\,]/g

/** Pairs as a query takes them: `name=value,other=value`. A backslash stands before a comma or a backslash, and in names before `=`. */
export function pairsText (pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs).map(([name, value]) => `${name.replace(SPECIAL_IN_NAME, '\\$&')}=${value.replace(SPECIAL_IN_VALUE, '\\$&')}`).join(',')
}
