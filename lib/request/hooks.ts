import { context } from '@opentelemetry/api'
import type {
  FastifyReply, FastifyRequest, onErrorHookHandler, onRequestHookHandler, onResponseHookHandler, onRouteHookHandler, onSendHookHandler
} from 'fastify'
import { beginRequest } from './begin-request.ts'
import { finishRequest } from './finish-request.ts'
import { observeRequest, observeResponse } from './observe-response.ts'
import { recordOf, type RequestRecord } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'

/** The hooks that follow a request through Fastify. They take notes; none of them throws, none waits. */
export interface RequestHooks {
  onRequest: onRequestHookHandler
  onError: onErrorHookHandler
  /** Where a route has a time-out of its handler, what that answers comes back into the request's context. */
  onRoute: onRouteHookHandler
  /**
   * Needed where a log line may open a span: a hook of a plugin that was registered before this one may answer the
   * request then, and `onRequest` never sees it.
   */
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
      if (record !== undefined) observeRequest(record)
      return record
    },

    onRequest (request, reply, done) {
      const record = begin(request)
      if (record === undefined) return done()
      observe(record, request, reply)
      context.with(record.context, done)
    },

    onRoute (route) {
      const { handlerTimeout = (this.initialConfig as { handlerTimeout?: number }).handlerTimeout ?? 0, onSend = [] } = route
      if (handlerTimeout > 0) route.onSend = [reenterContext, ...Array.isArray(onSend) ? onSend : [onSend]]
    },

    onError (request, _reply, error, done) {
      const record = recordOf(request.raw)
      if (record === undefined) return done()
      record.error = error
      reenter(record, done)
    },

    onResponse (request, reply, done) {
      const record = recordOf(request.raw)
      if (record !== undefined && record.reply === undefined) {
        record.reply = reply
        record.responseComplete = reply.raw.writableFinished
        finishRequest(record)
      }
      done()
    }
  }
}

/** A handler's time-out is armed before `onRequest`, and so comes from outside the request's context. */
const reenterContext: onSendHookHandler = function reenterContext (request, _reply, _payload, done) {
  const record = recordOf(request.raw)
  if (record === undefined) done()
  else reenter(record, done)
}

function reenter (record: RequestRecord, done: () => void): void {
  if (context.active() === record.context) done()
  else context.with(record.context, done)
}

/** Notes what an application's error handler was given, where it answers without Fastify's `onError` hook. */
export function noteError (request: FastifyRequest, error: unknown): void {
  const record = recordOf(request.raw)
  if (record !== undefined) record.error = error
}
