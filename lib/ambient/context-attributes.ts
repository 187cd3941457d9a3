import { context, type Context } from '@opentelemetry/api'
import { pathIds } from './path-ids.ts'
import { AMBIENT_KEY } from './request-context.ts'

/** A value of an ambient attribute. */
export type ContextAttributeValue = string | number | boolean
/** Ambient attributes by name, for example `{ 'organization.id': 'org-1' }`. */
export type ContextAttributes = Readonly<Record<string, ContextAttributeValue>>

/** What lines about errors are written with, as pino's loggers have it. */
export interface ErrorLog {
  error (fields: object, message: string): void
}

/** Who asked, as far as that can change while they are answered. */
export interface AmbientClient {
  /** The connection is gone, and the response was not complete. */
  readonly disconnected: boolean
}

/** How a client's request ended: it has its answer, or left before. */
export const CLIENT_SERVED: AmbientClient = Object.freeze({ disconnected: false })
export const CLIENT_DISCONNECTED: AmbientClient = Object.freeze({ disconnected: true })

/**
 * What is known about who makes one request. The OTel context carries a reference to it, so whatever runs on behalf
 * of the request sees the same attributes, also those added later; every change makes a new frozen object, so a
 * snapshot taken before stays as it was.
 */
export class AmbientScope {
  attributes: ContextAttributes
  /** What goes onto log lines only. */
  readonly logged: ContextAttributes
  /** The request's own log, when it is known. */
  log: ErrorLog | undefined = undefined
  /** Whoever made the request, once it is being served. */
  client: AmbientClient | undefined
  readonly #initial: ContextAttributes
  readonly #url: string
  #pathIds: Readonly<Record<string, string>> | undefined

  /** @param url as the client sent it, where ids of the form `<type>-<uuid>` are looked for */
  constructor (attributes: ContextAttributes, logged: ContextAttributes, url: string) {
    this.attributes = attributes
    this.logged = logged
    this.#initial = attributes
    this.#url = url
  }

  /** Ids found in the URL. */
  get pathIds (): Readonly<Record<string, string>> {
    this.#pathIds ??= pathIds(this.#url)
    return this.#pathIds
  }

  get hasChanged (): boolean {
    return this.attributes !== this.#initial
  }

  /** Attributes that code added to those the request came with, or changed. */
  added (): Record<string, ContextAttributeValue> {
    const added: Record<string, ContextAttributeValue> = {}
    for (const [name, value] of Object.entries(this.attributes)) if (this.#initial[name] !== value) added[name] = value
    return added
  }
}

const NONE: ContextAttributes = Object.freeze({})

/** The scope that a context carries, if it belongs to a request. */
export function ambientScopeOf (carrier: Context): AmbientScope | undefined {
  return carrier.getValue(AMBIENT_KEY) as AmbientScope | undefined
}

/**
 * Adds one ambient attribute to the request that is being served. It is on the request's endpoint metrics, on its
 * server span, and on every log line written from then on. Outside a request nothing happens.
 *
 * @param name attribute name, for example `project.id`
 * @param value a value with few different ones: each set of values is a metric stream of its own
 */
export function addContextAttribute (name: string, value: ContextAttributeValue): void {
  setContextAttributes({ [name]: value })
}

/**
 * Adds several ambient attributes to the request that is being served, as {@link addContextAttribute} does with one.
 * Attributes that are not named stay as they are; a value of any other type is left out.
 */
export function setContextAttributes (attributes: ContextAttributes): void {
  const scope = ambientScopeOf(context.active())
  if (scope === undefined) return
  const next: Record<string, ContextAttributeValue> = { ...scope.attributes }
  for (const name of Object.keys(attributes)) {
    const value: unknown = attributes[name]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') next[name] = value
  }
  scope.attributes = Object.freeze(next)
}

/** The ambient attributes of the request that is being served; an empty object outside a request. Frozen. */
export function getContextAttributes (): ContextAttributes {
  return ambientScopeOf(context.active())?.attributes ?? NONE
}
