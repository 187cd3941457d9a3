/** What `using` does, which Node 22 cannot parse: what is used in a scope is disposed of when it is left, the last first. */
export async function scope<Result> (work: (use: <Work extends Disposable>(work: Work) => Work) => Result): Promise<Awaited<Result>> {
  const used: Disposable[] = []
  try {
    return await work(disposable => {
      used.push(disposable)
      return disposable
    })
  } finally {
    for (const disposable of used.reverse()) disposable[Symbol.dispose]()
  }
}
