import { SettingError } from './environment.ts'

/** Runs a program. What a person can put right is told in a sentence, also by letta-otel, anything else with its stack. */
export async function main (program: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await program()
  } catch (problem) {
    console.error(problem instanceof SettingError || isOfTelemetry(problem) ? (problem as Error).message : problem)
    process.exitCode = 1
  }
}

function isOfTelemetry (problem: unknown): boolean {
  return String((problem as { code?: unknown } | undefined)?.code).startsWith('LETTA_OTEL_')
}
