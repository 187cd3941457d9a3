import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { BenchRequest } from '../workloads/workload.ts'

/** A request as it goes over the wire. */
export interface PreparedRequest {
  readonly bytes: Buffer
  readonly status: number
}

export function prepare ({ method, path, body, status }: BenchRequest, host: string): PreparedRequest {
  const content = body === undefined ? '' : JSON.stringify(body)
  const fields = content === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(content)}\r\n`
  return { bytes: Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${fields}\r\n${content}`), status }
}

const HEADER_END = '\r\n\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/** A kept-open connection with one request under way at most. It reads no more of an answer than where it ends. */
export class Connection {
  readonly #socket: Socket
  readonly #answered: (connection: Connection, wrong: boolean) => void
  #expected = 0
  #status = 0
  /** Bytes of the body to come; -1 when it comes in chunks. */
  #missing = 0
  #tail = ''
  #head = ''
  /** When the request that is under way was due. */
  dueAt = 0

  private constructor (socket: Socket, answered: (connection: Connection, wrong: boolean) => void) {
    this.#socket = socket
    this.#answered = answered
    socket.setNoDelay(true)
    socket.on('data', (data: Buffer) => { this.#read(data) })
    socket.on('error', () => {})
  }

  static async open (port: number, answered: (connection: Connection, wrong: boolean) => void): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket, answered)
  }

  send ({ bytes, status }: PreparedRequest): void {
    this.#expected = status
    this.#status = 0
    this.#head = ''
    this.#tail = ''
    this.#socket.write(bytes)
  }

  close (): void {
    this.#socket.destroy()
  }

  #read (data: Buffer): void {
    let body = data.length
    if (this.#status === 0) {
      const text = this.#head + data.toString('latin1')
      const end = text.indexOf(HEADER_END)
      if (end === -1) {
        this.#head = text
        return
      }
      this.#status = Number(text.slice(9, 12))
      const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]
      this.#missing = length === undefined ? -1 : Number(length)
      body = text.length - end - HEADER_END.length
    }
    if (this.#missing >= 0) {
      this.#missing -= body
      if (this.#missing > 0) return
    } else {
      this.#tail = (this.#tail + data.toString('latin1', Math.max(0, data.length - LAST_CHUNK.length))).slice(-LAST_CHUNK.length)
      if (this.#tail !== LAST_CHUNK) return
    }
    this.#answered(this, this.#status !== this.#expected)
  }
}
