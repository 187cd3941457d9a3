/** setTimeout() takes a 32-bit number; a longer delay would be over at once. */
export const MILLISECONDS_MAX = 2 ** 31 - 1
