/**
 * What an application is asked over its channel: its figures, to flush, and where preload.ts was loaded, to lose its
 * workers (1: by an error), and to set its clock so many milliseconds off.
 */
export interface AppQuestion {
  readonly id: number
  readonly ask: 'stats' | 'flush' | 'crash' | 'clock'
  readonly value: number
}

/** The answer to a question; the first, with id 0, is the URL at which the application listens. */
export interface AppAnswer {
  readonly id: number
  readonly value: unknown
}
