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
  }
]
