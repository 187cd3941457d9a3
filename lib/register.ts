/**
 * Preload entry: `node --import letta-otel/register server.js` starts the runtime before the application loads, as
 * the environment describes it. The plugin joins it.
 */
import { resolveOptions } from './options.ts'
import { holdRuntime } from './runtime/shared-runtime.ts'

const resolved = resolveOptions({}, process.env)
if (!resolved.disabled) holdRuntime(resolved)
