import { join } from 'node:path'
import { askVersion } from './program.ts'
import { COLLECTOR_PROGRAM } from './release.ts'
import { COLLECTOR_VERSION } from './version.ts'

/** Where a version of the collector is, or would be. */
export function installedPath (directory: string, version: string = COLLECTOR_VERSION): string {
  return join(directory, `${COLLECTOR_PROGRAM}-${version}`)
}

/** Whether the program is there, runs, and is the version that its name says. */
export async function isInstalled (directory: string, version: string = COLLECTOR_VERSION): Promise<boolean> {
  const answer = await askVersion(installedPath(directory, version))
  return 'version' in answer && answer.version === version
}
