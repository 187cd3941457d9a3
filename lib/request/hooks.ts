import { context } from '@opentelemetry/api'
import { errorMonitor } from 'node:events'
import type {
  FastifyReply, FastifyRequest, onErrorHookHandler, onRequestHookHandler, onResponseHookHandler, onSendHookHandler
} from 'fastify'
import { beginRequest } from './begin-request.ts'
import { finishRequest } from './finish-request.ts'
import { observeRequest, observeResponse } from './observe-response.ts'
import { recordOf, type RequestRecord } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'

/** The hooks that follow a request through Fastify. They take notes; none of them throws, none waits. */
export interface RequestHooks {
  onRequest: onRequestHookHandler
  onSend: onSendHookHandler
  onError: onErrorHookHandler
  onResponse: onResponseHookHandler
  /** Opens the span earlier than `onRequest`, for a log line. */
  beginForLine (request: FastifyRequest): RequestRecord | undefined
}

export function requestHooks (settings: RequestSettings, onBegin: (request: FastifyRequest, record: RequestRecord) => void): RequestHooks {
  /** What a user's function does while a request begins may write a log line about that very request. */
  let beginning: object | undefined

  function begin (request: FastifyRequest): RequestRecord | undefined {
    if (beginning === request.raw) return undefined
    const outer = beginning
    beginning = request.raw
    try {
      return beginRequest(request, settings)
    } catch (fault) {
      settings.onFault(fault)
      return undefined
    } finally {
      beginning = outer
    }
  }

  function observe (record: RequestRecord, request: FastifyRequest, reply: FastifyReply): void {
    try {
      observeResponse(record, reply)
      onBegin(request, record)
    } catch (fault) {
      settings.onFault(fault)
    }
  }

  return {
    beginForLine (request) {
      if (recordOf(request.raw) !== undefined) return recordOf(request.raw)
      const record = begin(request)
      if (record !== undefined) observeRequest(request.raw)
      return record
    },

    onRequest (request, reply, done) {
      const record = begin(request)
      if (record === undefined) return done()
      observe(record, request, reply)
      context.with(record.context, done)
    },

    onSend (request, _reply, payload, done) {
      const record = recordOf(request.raw)
      if (record === undefined) return done()
      if (isStream(payload)) payload.once(errorMonitor, error => { record.error ??= error })
      reenter(record, done)
    },

    onError (request, _reply, error, done) {
      const record = recordOf(request.raw)
      if (record === undefined) return done()
      record.error = error
      reenter(record, done)
    },

    onResponse (request, reply, done) {
      const record = recordOf(request.raw)
      if (record !== undefined) {
        // A hook of a plugin that was registered before this one answered: only the log line had opened the span.
        if (record.reply === undefined) noteReply(record, reply)
        finishRequest(record)
      }
      done()
    }
  }
}

function noteReply (record: RequestRecord, reply: FastifyReply): void {
  record.reply = reply
  record.responseComplete = reply.raw.writableFinished
}

/** A handler's time-out is armed before `onRequest` and so comes from outside the request's context. */
function reenter (record: RequestRecord, done: () => void): void {
  if (context.active() === record.context) done()
  else context.with(record.context, done)
}

function isStream (payload: unknown): payload is NodeJS.ReadableStream {
  return typeof (payload as { pipe?: unknown } | null)?.pipe === 'function'
}

/** Notes what an application's error handler was given, where it answers without Fastify's `onError` hook. */
export function noteError (request: FastifyRequest, error: unknown): void {
  const record = recordOf(request.raw)
  if (record !== undefined) record.error = error
}
