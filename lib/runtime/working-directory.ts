/** Where the process runs. A directory that was removed meanwhile has no name. */
export function workingDirectory (): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
