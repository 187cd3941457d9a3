/**
 * Whether a function of the user's answers true, and nothing else: one that throws, or that answers with a promise, has
 * not said yes. A promise that fails later must not end the process.
 */
export function saysYes (ask: () => unknown): boolean {
  try {
    const answer = ask()
    if (answer instanceof Promise) answer.catch(() => {})
    return answer === true
  } catch {
    return false
  }
}
