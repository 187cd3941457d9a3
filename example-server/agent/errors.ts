import createError from '@fastify/error'

/** The provider refused, failed or could not be reached, also when asked again. */
export const MODEL_FAILED = createError<[string]>('MODEL_FAILED', 'The model gave no answer: %s', 502)
