/** Text that no compression makes small enough to matter, of so many characters. */
const TEXT = Array.from({ length: 100_000 }, (_, index) => String.fromCharCode(33 + (index * 7919) % 90)).join('')

export function textOf (bytes: number): string {
  return TEXT.slice(0, bytes)
}
