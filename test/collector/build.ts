/** `npm run collector:build [-- distribution-datadog]`: builds a collector, or finds the one that was built, and says where it is. */
import { homedir } from 'node:os'
import { buildDistribution, type Distribution } from '../../lib/collector/build-distribution.ts'

const distribution = (process.argv[2] ?? 'distribution') as Distribution
process.stdout.write(`${await buildDistribution(distribution, {
  env: process.env, homeDirectory: homedir(), onProgress: line => { process.stderr.write(`${line}\n`) }
})}\n`)
