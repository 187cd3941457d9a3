import { fastifyOtelServer } from './fastify-otel.ts'

export default fastifyOtelServer({ hooks: false, http: true })
