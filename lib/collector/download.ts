import { open, type FileHandle } from 'node:fs/promises'
import { attempts } from './attempts.ts'
import type { Patience } from './patience.ts'
import { headerOf, Refusal, Unready, type ReleaseClient } from './release-client.ts'

/** Told how many bytes there are, and of how many where that is known. */
export type OnProgress = (bytes: number, total: number | undefined) => void

export interface DownloadOptions {
  readonly maxBytes: number
  readonly patience: Patience
  readonly onProgress?: OnProgress | undefined
}

/** @throws {LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED} */
export async function downloadText (client: ReleaseClient, url: URL, { maxBytes, patience }: DownloadOptions): Promise<string> {
  return await attempts(url, patience, async signal => {
    const { body } = await client.get(url, {}, signal)
    let text = ''
    for await (const chunk of body.setEncoding('utf8')) {
      text += chunk
      if (text.length > maxBytes) throw tooLarge(maxBytes)
    }
    return text
  })
}

/**
 * Fetches a URL into a file, from where the file ends: what is there should be the beginning of it.
 *
 * @throws {LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED} with what came so far in the file; and what the disk says
 */
export async function downloadFile (client: ReleaseClient, url: URL, path: string, options: DownloadOptions): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const transfer = new Transfer(client, url, file, options)
    await attempts(url, options.patience, signal => transfer.attempt(signal), () => sizeOf(file))
  } finally {
    await file.close()
  }
}

async function sizeOf (file: FileHandle): Promise<number> {
  return (await file.stat()).size
}

function tooLarge (maxBytes: number): Refusal {
  return new Refusal(`it is larger than ${maxBytes} bytes`)
}

/** The attempts to fetch one file, which know what the server said of it before. */
class Transfer {
  readonly #client: ReleaseClient
  readonly #url: URL
  readonly #file: FileHandle
  readonly #options: DownloadOptions
  /** With it, a server sends the rest of the same file alone, and the whole of another. */
  #etag: string | undefined

  constructor (client: ReleaseClient, url: URL, file: FileHandle, options: DownloadOptions) {
    this.#client = client
    this.#url = url
    this.#file = file
    this.#options = options
  }

  async attempt (signal: AbortSignal): Promise<void> {
    const have = await sizeOf(this.#file)
    const { statusCode, headers, body } = await this.#client.get(this.#url, this.#rest(have), signal)
    const range = contentRange(headerOf(headers, 'content-range'))
    if (statusCode === 416) {
      await body.dump()
      if (range?.total === have) return
      await this.#file.truncate()
      throw new Unready('the server has no such part')
    }
    if (statusCode === 206 && range?.from !== have) {
      await body.dump()
      throw new Refusal('the server sent another part than was asked for')
    }
    const etag = headerOf(headers, 'etag')
    this.#etag = etag?.startsWith('W/') === true ? undefined : etag
    const length = headerOf(headers, 'content-length')
    const from = statusCode === 206 ? have : 0
    if (from < have) await this.#file.truncate()
    await this.#keep(body, from, length === undefined ? undefined : from + Number(length))
  }

  #rest (have: number): Record<string, string> {
    if (have === 0) return {}
    return { range: `bytes=${have}-`, ...(this.#etag !== undefined && { 'if-range': this.#etag }) }
  }

  async #keep (body: AsyncIterable<Buffer>, from: number, total: number | undefined): Promise<void> {
    const { maxBytes, onProgress } = this.#options
    let position = from
    for await (const chunk of body) {
      if (Math.max(position + chunk.length, total ?? 0) > maxBytes) throw tooLarge(maxBytes)
      await this.#file.write(chunk, 0, chunk.length, position)
      position += chunk.length
      onProgress?.(position, total)
    }
  }
}

/** `bytes 100-199/200`; of a part that is not there, a star stands in the place of its ends. */
function contentRange (header: string | undefined): { from: number | undefined, total: number | undefined } | undefined {
  const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header ?? '') ?? []
  return total === undefined ? undefined : { from: from === undefined ? undefined : Number(from), total: total === '*' ? undefined : Number(total) }
}
