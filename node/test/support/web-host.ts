import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { onTestFinished } from 'vitest'

/** A web server of this test on loopback, with a certificate that counts only for who is given it. */
export interface WebHost {
  readonly port: number
  readonly certificate: string
  /** How many connections were made to it. */
  readonly connections: () => number
}

/** Serves `names` over HTTPS until the test has finished. */
export async function webHost(names: readonly string[], serve: RequestListener): Promise<WebHost> {
  const { key, certificate } = selfSigned(names)
  const server = createServer({ key, cert: certificate }, serve)
  let count = 0
  server.on('connection', () => (count += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('it listens on a port')
  return { port: address.port, certificate, connections: () => count }
}

/** A certificate for a day, signed by its own key (X.509, RFC 5280), in PEM. */
function selfSigned(names: readonly string[]): { key: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaSha256 = sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))
  const commonName = sequence(tlv(0x31, sequence(oid([0x55, 0x04, 0x03]), tlv(0x0c, Buffer.from('test')))))
  const time = (ms: number): Buffer =>
    tlv(0x18, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/gu, '').slice(0, 14)}Z`))
  const alternativeNames = sequence(...names.map((name) => tlv(0x82, Buffer.from(name))))
  const authority = sequence(tlv(0x01, Buffer.of(0xff)))
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaSha256,
    commonName,
    sequence(time(Date.now() - 86_400_000), time(Date.now() + 86_400_000)),
    commonName,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(
      0xa3,
      sequence(
        sequence(oid([0x55, 0x1d, 0x11]), tlv(0x04, alternativeNames)),
        sequence(oid([0x55, 0x1d, 0x13]), tlv(0x04, authority)),
      ),
    ),
  )
  const signature = tlv(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  const der = sequence(body, ecdsaSha256, signature).toString('base64')
  const lines = der.match(/.{1,64}/gu) ?? []
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  }
}

function tlv(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts))
}

function oid(bytes: readonly number[]): Buffer {
  return tlv(0x06, Buffer.from(bytes))
}
