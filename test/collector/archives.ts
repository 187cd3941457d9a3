import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { Header, type HeaderData } from 'tar'

export interface Member extends Pick<HeaderData, 'type' | 'linkpath'> {
  readonly path: string
  readonly content?: string | Buffer
}

const BLOCK = 512

/** A compressed archive of such members, also of those that no tool would make. */
export function archiveOf (...members: Member[]): Buffer {
  const blocks = members.flatMap(({ path, content = '', type = 'File', ...rest }) => {
    const body = Buffer.from(content)
    const header = Buffer.alloc(BLOCK)
    new Header({ path, size: body.length, type, mode: 0o755, mtime: new Date(0), ...rest }).encode(header)
    return [header, body, Buffer.alloc((BLOCK - body.length % BLOCK) % BLOCK)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]))
}

export function sha256 (bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
