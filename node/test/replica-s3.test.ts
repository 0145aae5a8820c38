import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { replicaCompliance } from '@muniment/compliance'
import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { openS3Replica } from 'muniment/replicas'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { plainServer } from './support/plain-server.ts'
import { S3_KEY, startS3, type TestingS3 } from './support/s3-server.ts'

const NAME = 'ab'.repeat(32)
const OBJECT = new Uint8Array(REPLICA_OBJECT_SIZES[0]).fill(7)

let server: TestingS3
beforeAll(async () => {
  server = await startS3()
})
afterAll(() => server.stop())

let buckets = 0
/** The address of a part of the bucket that nobody has used. */
const freshPart = (): string => `${server.endpoint}/of/ana-${++buckets}/`

replicaCompliance('A bucket of an S3-compatible storage', async () => {
  const again = () => openS3Replica({ endpoint: server.endpoint, ...S3_KEY })
  const storage = await again()
  const stop = async (): Promise<void> => {
    for await (const { name } of storage.list('')) await storage.delete(name)
  }
  return { storage, again, stop }
})

replicaCompliance(
  'A part of a bucket',
  async () => {
    const endpoint = freshPart()
    const other = await openS3Replica({ endpoint: `${server.endpoint}/of`, ...S3_KEY })
    await other.put(NAME, OBJECT)
    const again = () => openS3Replica({ endpoint, ...S3_KEY })
    return { storage: await again(), again }
  },
  { many: 20 },
)

const CALLS = [
  (storage: Awaited<ReturnType<typeof openS3Replica>>) => storage.put(NAME, OBJECT),
  (storage: Awaited<ReturnType<typeof openS3Replica>>) => storage.get(NAME),
  (storage: Awaited<ReturnType<typeof openS3Replica>>) => storage.delete(NAME),
  (storage: Awaited<ReturnType<typeof openS3Replica>>) => Array.fromAsync(storage.list('')),
]

it('who has the wrong key or names a bucket that is not there is refused, and no error tells the key', async () => {
  const { endpoint } = server
  for (const init of [
    { endpoint, ...S3_KEY, secretAccessKey: 'CANARY' },
    { endpoint, ...S3_KEY, accessKeyId: 'Nobody', secretAccessKey: 'CANARY' },
    { endpoint: endpoint.replace('vaults', 'others'), ...S3_KEY },
  ]) {
    for (const call of CALLS) {
      const error: unknown = await call(await openS3Replica(init)).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_REPLICA_REFUSED' })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/CANARY|AWS4-HMAC/u)
    }
  }
})

it('what an upload is signed with covers its content, and the secret key is never sent', async () => {
  let seen = ''
  const url = await plainServer((request, response) => {
    seen = inspect([request.url, request.rawHeaders])
    response.end()
  })
  const storage = await openS3Replica({ endpoint: `${url}/vaults`, ...S3_KEY, secretAccessKey: 'CANARY' })
  await storage.put(NAME, OBJECT)

  expect(seen).toContain(createHash('sha256').update(OBJECT).digest('hex'))
  expect(seen).toMatch(/SignedHeaders=[\w;-]*host;x-amz-content-sha256;x-amz-date/u)
  expect(seen).not.toContain('CANARY')
})

it('an endpoint without a bucket or with more than a path is refused without being shown', async () => {
  for (const endpoint of [
    'https://CANARY.example',
    'https://a:CANARY@example.org/b',
    'https://example.org/b?CANARY',
  ]) {
    const error: unknown = await openS3Replica({ endpoint, ...S3_KEY }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    expect(inspect(error, { depth: 9 }).replaceAll(/^ {4}at .*$/gmu, '')).not.toContain('CANARY')
  }
})

const FAILURES = [
  [507, '', 'ERR_REPLICA_FULL'],
  [403, '<Error><Code>QuotaExceeded</Code></Error>', 'ERR_REPLICA_FULL'],
  [503, '<Error><Code>SlowDown</Code></Error>', 'ERR_REPLICA_UNREACHABLE'],
  [500, 'not XML', 'ERR_REPLICA_UNREACHABLE'],
  [301, '<Error><Code>PermanentRedirect</Code></Error>', 'ERR_REPLICA_REFUSED'],
  [403, '<Error><Code>RequestTimeTooSkewed</Code></Error>', 'ERR_REPLICA_REFUSED'],
  [404, '<Error><Code>NoSuchBucket</Code></Error>', 'ERR_REPLICA_REFUSED'],
] as const

it('what a storage answers when it cannot is told apart: no room, not now, not allowed', async () => {
  for (const [status, body, code] of FAILURES) {
    const url = await plainServer((_request, response) => {
      response.writeHead(status).end(body)
    })
    const storage = await openS3Replica({ endpoint: `${url}/vaults`, ...S3_KEY })
    for (const call of CALLS) await expect(call(storage)).rejects.toMatchObject({ code })
  }
})

it('a listing that is no listing or does not end is refused', async () => {
  const page = (token: string): string =>
    `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken></ListBucketResult>`
  for (const text of ['{}', '<ListBucketResult>', 'x'.repeat(4 << 20), page('a'), page('')]) {
    const url = await plainServer((_request, response) => {
      response.end(text)
    })
    const storage = await openS3Replica({ endpoint: `${url}/vaults`, ...S3_KEY })
    await expect(Array.fromAsync(storage.list(''))).rejects.toMatchObject({ code: 'ERR_REPLICA_DAMAGED' })
  }
})
