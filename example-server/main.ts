import { SettingError } from './environment.ts'

/** Runs a program. What a person can put right is told in a sentence, anything else with its stack. */
export async function main (program: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await program()
  } catch (problem) {
    console.error(problem instanceof SettingError ? problem.message : problem)
    process.exitCode = 1
  }
}
