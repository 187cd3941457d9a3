import type { AgentSettings } from './agent-settings.ts'
import { FetchAttempt } from './fetch-attempt.ts'
import { LlmCallWork } from './llm-call.ts'
import { recognizeRequest, type ProviderRequest } from './provider-request.ts'
import type { Work } from './work.ts'

/**
 * A fetch that records calls of model providers as they pass, and hands everything on unchanged. Whatever is no such call
 * goes to the fetch of the process at once.
 */
export function watchFetch (settings: AgentSettings): typeof fetch {
  // An answer that is neither read nor cancelled would be waited for until the application closes.
  const unread = new FinalizationRegistry<FetchAttempt>(attempt => { attempt.lose() })

  function begin (input: Parameters<typeof fetch>[0], init: RequestInit | undefined): FetchAttempt | undefined {
    try {
      const request = recognizeRequest(input, init)
      if (request === undefined) return undefined
      const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
      const current = settings.current.find()
      const given = callOf(current, request)
      const call = given ?? new LlmCallWork(settings, outside(current), { ...request, ...signal != null && { signal } })
      if (given !== undefined) describeRequest(given, request)
      return new FetchAttempt(call, given === undefined, request)
    } catch (fault) {
      settings.onFault(fault)
      return undefined
    }
  }

  return async function fetch (input, init) {
    const attempt = begin(input, init)
    if (attempt === undefined) return await globalThis.fetch(input, init)
    let response: Response
    try {
      response = await attempt.call.within(() => globalThis.fetch(input, init))
    } catch (error) {
      attempt.fail(error)
      throw error
    }
    const watched = attempt.answer(response)
    if (watched !== response && watched.body !== null) unread.register(watched.body, attempt)
    return watched
  }
}

/**
 * The call that a request is part of, where somebody began one for it: the one whose callback this is, or the one that was
 * begun by hand last, or another beside that. A call whose request is under way, or was answered, is not the one.
 */
function callOf (current: Work | undefined, request: ProviderRequest): LlmCallWork | undefined {
  if (!(current instanceof LlmCallWork)) return undefined
  if (!current.byHand) return mayBegin(current) ? current : undefined
  return [current, ...current.parent?.openParts ?? []].find(
    (work): work is LlmCallWork => work instanceof LlmCallWork && work.byHand && mayBegin(work) && describes(work, request))
}

function mayBegin ({ attempt, watchesChunks }: LlmCallWork): boolean {
  return attempt?.mayBeRepeated ?? !watchesChunks
}

/** Nothing but what was said of it tells that a request belongs to a call by hand. What one of them does not say agrees. */
function describes (call: LlmCallWork, { operation, model, provider, isKnownHost }: ProviderRequest): boolean {
  return call.operation === operation && (call.model === model || call.model === '' || model === '') && (call.provider === provider || !isKnownHost)
}

/** What a further call belongs to: not to the call that it is made in. */
function outside (current: Work | undefined): Work | undefined {
  return current instanceof LlmCallWork ? current.parent : current
}

function describeRequest (call: LlmCallWork, { model, body }: ProviderRequest): void {
  if (call.model === '') call.model = model
  if (body !== undefined) call.noteRequest(body)
}
