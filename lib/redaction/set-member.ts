/**
 * Sets a member of a copy, of whatever name. Pairs for `Object.fromEntries` would be as many objects again, and of a long prompt
 * the garbage collector's pauses are the longest.
 */
export function setMember (object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
  else object[key] = value
}
