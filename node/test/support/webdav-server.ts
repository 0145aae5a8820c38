import { v2 as webdav } from 'webdav-server'

/** A WebDAV server on loopback that keeps all in memory, for one person with a password. */
export interface TestingWebdav {
  readonly url: string
  stop(): Promise<void>
}

export const [USERNAME, PASSWORD] = ['ana', 'CANARYpassword']

/** Starts the server; `room` is how many bytes it takes. */
export async function startWebdav({ room }: { readonly room?: number } = {}): Promise<TestingWebdav> {
  const users = new webdav.SimpleUserManager()
  const ana = users.addUser(USERNAME, PASSWORD, false)
  const privileges = new webdav.SimplePathPrivilegeManager()
  privileges.setRights(ana, '/', ['all'])
  const server = new webdav.WebDAVServer({
    requireAuthentification: true,
    httpAuthentication: new webdav.HTTPBasicAuthentication(users, 'test'),
    privilegeManager: privileges,
    hostname: '127.0.0.1',
    port: 0,
    ...(room === undefined ? {} : { storageManager: new webdav.PerUserStorageManager(room) }),
  })
  const http = await server.startAsync(0)
  const address = http.address()
  if (address === null || typeof address === 'string') throw new TypeError('it listens on a port')
  return {
    url: `http://127.0.0.1:${address.port}/vault`,
    async stop() {
      http.closeAllConnections()
      await server.stopAsync()
    },
  }
}
