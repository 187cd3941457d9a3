/** What `error.type` says where an error's own name cannot be used. */
const UNNAMED = 'Error'
/** A class or a code; anything else could be a message, with as many values as there are errors. */
const NAME = /^[\w$.-]{1,100}$/

/** The code of one of Fastify's own errors (they share a class), else the class of what was thrown. Never throws. */
export function errorTypeOf (error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  try {
    const { name, code } = error as { name: unknown, code?: unknown }
    const type = name === 'FastifyError' ? code : name === 'Error' ? error.constructor.name : name
    return typeof type === 'string' && NAME.test(type) ? type : UNNAMED
  } catch {
    return UNNAMED
  }
}
