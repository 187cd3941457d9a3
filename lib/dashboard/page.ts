import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8'
}

/** Nothing is loaded from, sent to or framed by anybody else, and nothing runs that is not a file of the page. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin'
})

/** One file of the page, as it is sent. */
export interface PageFile {
  readonly body: Buffer
  readonly gzip: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** The page's files by their path, `/` among them. */
export type PageFiles = ReadonlyMap<string, PageFile>

/** Paths of views, which the page itself tells apart. */
const VIEWS = ['/', '/traces', '/traces/*', '/runs', '/runs/*', '/logs', '/metrics', '/sql']

/** Where the page was built to; sources that run as they are find the same build. */
function builtPage (): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/dashboard/web/' : './web/', import.meta.url))
}

/** Reads the built page, once: it is small. */
export async function pageFiles (directory = builtPage()): Promise<PageFiles> {
  const files = new Map<string, PageFile>()
  for (const name of await readdir(directory)) {
    const contentType = CONTENT_TYPES[extname(name)]
    if (contentType === undefined) continue
    const body = await readFile(`${directory}/${name}`)
    const file: PageFile = {
      body,
      gzip: gzipSync(body, { level: 9 }),
      headers: {
        ...PAGE_HEADERS,
        'content-type': contentType,
        etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
        // Asked for each time, and answered 304: a newer version is seen at once.
        'cache-control': 'no-cache',
        vary: 'accept-encoding'
      }
    }
    files.set(name === 'index.html' ? '/' : `/${name}`, file)
  }
  return files
}

/** A Fastify plugin: the page's files, and the page itself at the path of each view. */
export async function dashboardPage (app: FastifyInstance, { directory }: { directory?: string } = {}): Promise<void> {
  const files = await pageFiles(directory)
  for (const [path, file] of files) {
    for (const url of path === '/' ? VIEWS : [path]) app.get(url, (request, reply) => sendFile(file, request, reply))
  }
}

function sendFile ({ body, gzip, headers }: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers(headers)
  if (request.headers['if-none-match'] === headers['etag']) return reply.code(304).send()
  const accepted = String(request.headers['accept-encoding'] ?? '')
  if (/\bgzip\b/.test(accepted) && !/\bgzip\s*;\s*q=0(?:\.0*)?\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(gzip)
  return reply.send(body)
}
