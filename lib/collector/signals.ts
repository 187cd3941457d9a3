/** What a process is asked with to end, or, with SIGHUP, to read its configuration again. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** Where signals to this process arrive: `process`. */
export interface SignalSource {
  on (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/** Tells of signals while something is done: meanwhile they do not end this process. */
export async function withSignals<T> (signals: SignalSource, onSignal: (signal: NodeJS.Signals) => void, work: () => Promise<T>): Promise<T> {
  for (const signal of SIGNALS) signals.on(signal, onSignal)
  try {
    return await work()
  } finally {
    for (const signal of SIGNALS) signals.off(signal, onSignal)
  }
}
