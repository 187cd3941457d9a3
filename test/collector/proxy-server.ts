import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A forward proxy as there is one in a closed network: asked for whole URLs, and for tunnels. */
export class ProxyServer {
  readonly #server: Server
  readonly asked: string[] = []
  readonly authorizations: Array<string | undefined> = []

  private constructor () {
    this.#server = createServer((incoming, response) => {
      this.#note(`${incoming.method} ${incoming.url}`, incoming.headers['proxy-authorization'])
      const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers
      request(incoming.url!, { method: incoming.method, headers }, answer => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      }).on('error', () => { response.destroy() }).end()
    }).on('connect', (incoming, socket, head) => {
      this.#note(`CONNECT ${incoming.url}`, incoming.headers['proxy-authorization'])
      const { hostname, port } = new URL(`http://${incoming.url}`)
      const upstream = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.write(head)
        upstream.pipe(socket).pipe(upstream)
      }).on('error', () => { socket.destroy() })
      socket.on('error', () => { upstream.destroy() })
    })
  }

  static async listen (t: Test): Promise<ProxyServer> {
    const proxy = new ProxyServer()
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    t.teardown(() => {
      proxy.#server.close()
      proxy.#server.closeAllConnections()
    })
    return proxy
  }

  get url (): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  #note (asked: string, authorization: string | undefined): void {
    this.asked.push(asked)
    if (authorization !== undefined) this.authorizations.push(authorization)
  }
}
