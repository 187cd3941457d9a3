import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      // A promise nobody waits for says so: `void app.close()`.
      'no-void': ['error', { allowAsStatement: true }]
    }
  },
  {
    files: ['lib/**/*.{ts,tsx}', 'example-server/**/*.ts'],
    rules: { 'max-lines': ['error', 250] }
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/temporary-directory.ts'],
    rules: {
      'no-restricted-properties': ['error', { property: 'testdir', message: 'Use temporaryDirectory(t): tap removes its own before what was registered with t.teardown later has ended.' }]
    }
  }
]
