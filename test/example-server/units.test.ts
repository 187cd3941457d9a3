import { runUnits } from '../fixtures/units.ts'

await runUnits(import.meta.dirname)
