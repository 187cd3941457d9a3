/** `npm run monitoring`: writes the dashboards and alert rules in docs/ from what they are defined as. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { grafanaFiles } from './grafana/definitions/files.ts'
import { prometheusFiles } from './prometheus/definitions/files.ts'
import { signozFiles } from './signoz/definitions/rules.ts'

for (const [path, text] of Object.entries({ ...grafanaFiles(), ...prometheusFiles(), ...signozFiles() })) {
  const file = fileURLToPath(new URL(`../docs/${path}`, import.meta.url))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  console.log(`docs/${path}`)
}
