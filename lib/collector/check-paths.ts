import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Check } from './preflight.ts'
import type { Setting } from './settings.ts'

/** Whether what is to be read is there, and what is to be written can be. */
export async function checkPaths (settings: readonly Setting[]): Promise<Check[]> {
  const checks: Check[] = []
  for (const setting of settings) {
    const problem = await problemOf(setting)
    if (problem !== undefined) checks.push({ kind: 'path', what: setting.value, meaning: setting.meaning, problem: problem === '' ? undefined : `${problem}. Put that right, or set ${setting.name} to another path` })
  }
  return checks
}

/** Empty: none; undefined: this is no path that has to be anything. */
async function problemOf ({ kind, value, isSet, isRequired }: Setting): Promise<string | undefined> {
  if (value === '') return undefined
  switch (kind) {
    // A file with a usual place may be missing at first.
    case 'input-file': return isSet || isRequired ? await refusal(value, constants.R_OK) : undefined
    case 'directory': return await cannotWrite(value)
    case 'output-file': return await cannotWriteFile(value)
    default: return undefined
  }
}

/** The collector renames what it finds in the place of a file that is full, a directory too. */
async function cannotWriteFile (file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return await cannotWrite(dirname(resolve(file)))
  return found.isFile() ? await refusal(file, constants.W_OK) : `${file} is no file${found.isDirectory() ? ', but a directory' : ''}`
}

/** Directories that are missing are made by the collector. */
async function cannotWrite (directory: string): Promise<string> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    try {
      if (!(await stat(at)).isDirectory()) return `${at} is no directory`
    } catch (problem) {
      const { code } = problem as NodeJS.ErrnoException
      if (code === 'ENOENT' && at !== dirname(at)) continue
      return code === 'ENOTDIR' ? `${dirname(at)} is no directory` : `${at} cannot be looked at (${code})`
    }
    return await refusal(at, constants.W_OK | constants.X_OK)
  }
}

async function refusal (path: string, mode: number): Promise<string> {
  try {
    await access(path, mode)
    return ''
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    switch (code) {
      case 'ENOENT': return 'it is not there'
      case 'EROFS': return `${path} is on a read-only file system`
      case 'EACCES': return mode === constants.R_OK ? 'it may not be read' : `${path} may not be written to`
      default: return `it cannot be used (${code})`
    }
  }
}
