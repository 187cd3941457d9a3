import type { Test } from 'tap'

/**
 * A directory of a test's own with these files, which is removed last of all.
 *
 * tap removes one before it calls what was given to `t.teardown` only afterwards: whatever ends there, such as an embedded engine,
 * would still write into it, and the removal fails now and then with ENOTEMPTY.
 */
export function temporaryDirectory (t: Test, files?: Parameters<Test['testdir']>[0]): string {
  t.teardown(() => {})
  return t.testdir(files)
}
