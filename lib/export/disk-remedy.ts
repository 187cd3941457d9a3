const REMEDIES: ReadonlyArray<readonly [codes: readonly string[], remedy: string]> = [
  [['EACCES', 'EPERM', 'EROFS'], 'Let this process write to it, or name another directory with LETTA_DIR'],
  [['ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'], 'Name another directory with LETTA_DIR'],
  [['ENOSPC', 'EDQUOT'], 'Make room on its disk'],
  [['EMFILE', 'ENFILE'], 'Let this process open more files']
]

/** What to do about a directory that cannot be used, to be appended to why; empty where that says it all. */
export function remedyOf (problem: unknown): string {
  const { code = '' } = problem as NodeJS.ErrnoException
  const remedy = REMEDIES.find(([codes]) => codes.includes(code))?.[1]
  return remedy === undefined ? '' : `. ${remedy}`
}
