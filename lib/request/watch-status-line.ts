import type { Socket } from 'node:net'

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3}) /

/**
 * Tells the status of what is written to a socket next. A handshake is answered on the socket itself, and whether it was
 * accepted is said nowhere else. The socket is as it was before once something is written.
 */
export function watchStatusLine (socket: Socket, tell: (status: number) => void): void {
  const { write, end } = socket
  const note = (chunk: unknown): void => {
    if (socket.write === watchedWrite) socket.write = write
    if (socket.end === watchedEnd) socket.end = end
    const status = typeof chunk === 'string' || chunk instanceof Uint8Array ? STATUS_LINE.exec(String(chunk.slice(0, 16)))?.[1] : undefined
    if (status !== undefined) tell(Number(status))
  }
  const watchedWrite = ((...args: Parameters<typeof write>) => {
    note(args[0])
    return write.apply(socket, args)
  }) as typeof write
  const watchedEnd = ((...args: Parameters<typeof end>) => {
    note(args[0])
    return end.apply(socket, args)
  }) as typeof end
  socket.write = watchedWrite
  socket.end = watchedEnd
}
