/** What comes of a making in parts, without a pause. */
export function made<Args extends unknown[], Result> (make: (...args: Args) => Generator<unknown, Result>, ...args: Args): Result {
  const making = make(...args)
  for (;;) {
    const { done, value } = making.next()
    if (done === true) return value
  }
}
