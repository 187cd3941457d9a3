import { access, constants, mkdtemp, open, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { nearestDirectory } from '../nearest-directory.ts'
import { failure, ok, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

const FILES = /^(?:Letta\.log|(?:traces|metrics|logs)\.json)$/
const ADVICE = 'let the user that runs the application write there, or name another folder with LETTA_DIR'

/** Whether the log and the files of telemetry can be written. */
export async function checkLogDirectory ({ lettaDirectory }: Inspection): Promise<Finding> {
  const directory = join(lettaDirectory, 'logs')
  const existing = await nearestDirectory(directory)
  try {
    if (existing !== directory) {
      await access(existing, constants.W_OK)
      return ok(`${directory} does not exist yet and can be made`)
    }
    // Rights alone do not tell of a disk that is read-only or has no room for another name.
    await rmdir(await mkdtemp(join(directory, '.doctor-')))
    const files = (await readdir(directory)).filter(name => FILES.test(name))
    for (const file of files) await appendable(join(directory, file))
    return ok(files.length === 0 ? `${directory} can be written` : `${directory} can be written, and in it ${files.join(', ')}`)
  } catch (problem) {
    const { code, path = existing } = problem as NodeJS.ErrnoException
    return failure(`${path.replace(/\/\.doctor-\w*$/, '')} cannot be written (${code})`, ADVICE)
  }
}

/** @throws when it is not; nothing is written */
async function appendable (path: string): Promise<void> {
  // Without O_NONBLOCK, a pipe that nobody reads would hold this up for ever.
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK)
  await file.close()
}
