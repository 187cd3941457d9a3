import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Checks } from '../../../fixtures/checks.ts'
import { CollectorProcess, type CollectorOptions } from './collector-process.ts'

const POLL_MS = 100

/** What a proof works with; everything in it is gone when it ends. */
export class Proof extends Checks {
  /** The collector that everything is proven on. */
  readonly program = process.env['LETTA_OTEL_COLLECTOR'] ?? ''
  readonly directory = mkdtempSync(join(tmpdir(), 'letta-otel-proof-'))
  readonly #ends: Array<() => Promise<void> | void> = []

  async collector (options: Omit<CollectorOptions, 'program' | 'lettaDirectory'> & { readonly lettaDirectory?: string }): Promise<CollectorProcess> {
    const collector = await CollectorProcess.start({ program: this.program, lettaDirectory: this.directory, ...options })
    this.teardown(async () => { await collector[Symbol.asyncDispose]() })
    return collector
  }

  /** Ends what was begun, the last first. Named as tap's, so that fixtures take either. */
  teardown (end: () => Promise<void> | void): void {
    this.#ends.unshift(end)
  }

  /** Waits for what another process does, which tells nobody. @returns whether it came to be */
  async until (condition: () => Promise<boolean> | boolean, seconds: number): Promise<boolean> {
    const deadline = performance.now() + seconds * 1_000
    while (!await condition()) {
      if (performance.now() > deadline) return false
      await pause(POLL_MS)
    }
    return true
  }

  async close (): Promise<void> {
    for (const end of this.#ends) await end()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Runs a proof in this process. */
export async function proof (name: string, run: (p: Proof) => Promise<void>): Promise<void> {
  console.log(`# ${name}`)
  const p = new Proof()
  try {
    await run(p)
  } catch (fault) {
    p.check(`${name}: runs to its end`, false, String((fault as Error).stack))
  } finally {
    await p.close()
  }
  p.sumUp()
}
