#!/usr/bin/env node
import { run } from './run.ts'

// A reader that has seen enough, as head, is no fault of ours; what became of the work still counts.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', problem => {
    if ((problem as NodeJS.ErrnoException).code !== 'EPIPE') throw problem
  })
}

process.exitCode = await run(process.argv.slice(2), { env: process.env, stdout: process.stdout, stderr: process.stderr, signals: process })
