import { createServer, type RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'

/** Serves HTTP on loopback until the test has finished; gives its address without a slash at the end. */
export async function plainServer(serve: RequestListener): Promise<string> {
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('it listens on a port')
  return `http://127.0.0.1:${address.port}`
}
