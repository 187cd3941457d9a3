import { readFileSync } from 'node:fs'
import { failure, ok, type Finding } from '../finding.ts'

/** Whether this Node is one that the package is made for. */
export async function checkNodeVersion (running: string = process.versions.node): Promise<Finding> {
  const needed = neededVersion()
  const found = `Node ${running}; ${needed} or later is needed`
  return isAtLeast(running, needed) ? ok(found) : failure(found, `install Node ${needed} or later, best a release with long-term support`)
}

/** Of `engines` in package.json, which says `>=22.15`. */
function neededVersion (): string {
  const { engines } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } }
  return engines.node.replace('>=', '')
}

function isAtLeast (running: string, needed: string): boolean {
  const [major = 0, minor = 0] = running.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number)
  return major > neededMajor || (major === neededMajor && minor >= neededMinor)
}
