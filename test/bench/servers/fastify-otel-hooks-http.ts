import { fastifyOtelServer } from './fastify-otel.ts'

export default fastifyOtelServer({ hooks: true, http: true })
