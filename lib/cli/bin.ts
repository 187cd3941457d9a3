#!/usr/bin/env node
import { run } from './run.ts'

// A reader that has seen enough, as head, is no fault of ours.
process.stdout.on('error', problem => {
  if ((problem as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw problem
})

process.exitCode = await run(process.argv.slice(2), { env: process.env, stdout: process.stdout, stderr: process.stderr })
