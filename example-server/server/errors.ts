import createError from '@fastify/error'

export const AGENT_NOT_FOUND = createError<[string]>('AGENT_NOT_FOUND', 'There is no agent %s', 404)
export const JOB_NOT_FOUND = createError<[string]>('JOB_NOT_FOUND', 'There is no job %s', 404)
export const TOO_MANY_JOBS = createError('TOO_MANY_JOBS', 'Too many jobs are running, try again later', 429)
export const DATABASE_AWAY = createError('DATABASE_AWAY', 'The database does not answer', 503)
export const SERVER_CLOSING = createError('SERVER_CLOSING', 'The server is closing', 503)
