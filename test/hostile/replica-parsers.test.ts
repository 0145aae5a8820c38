import { fromCanonical, toCanonical } from '@muniment/crypto'
import { eachSeed, patience } from '@muniment/compliance'
import { isMunimentError, type MunimentErrorCode } from '@muniment/interface'
import { makeReplicaSecret, readAnchor } from '@muniment/replicas'
import { nodeRandom } from 'muniment/platform'
import { capabilityLink, readCapabilityLink } from 'muniment/replicas'
import { expect, test } from 'vitest'
import {
  encodeMessage,
  parseAnswer,
  parseHello,
  parseProof,
  parseRequest,
} from '../../node/src/replica/replica-protocol.ts'
import { readXml } from '../../node/src/replica/read-xml.ts'
import { decodeContent, encodeContent } from '../../packages/replicas/src/content.ts'
import { decodeMemory } from '../../packages/replicas/src/memory.ts'
import { openOpening, sealOpening } from '../../packages/replicas/src/opening.ts'
import { type Draw, drawFrom } from '../../packages/replicas/test/support/draw.ts'
import { cryptography, person } from '../../packages/replicas/test/support/people.ts'
import { unsafeTestingStorage } from '../../packages/replicas/test/support/storages.ts'

/** Cases of each parser in `npm test`: 2 % of what the deep lane tries. */
const CASES = 2000
/** Milliseconds that one case may take. */
const LONGEST = 1000

interface Parser {
  readonly name: string
  readonly wellFormed: readonly Uint8Array[]
  readonly parse: (bytes: Uint8Array) => unknown
  readonly codes: readonly MunimentErrorCode[]
}

const NAME = 'ab'.repeat(32)
const TEXT = new TextEncoder()

function messages(): readonly Parser[] {
  const codes = ['ERR_MALFORMED'] as const
  const hello = encodeMessage({ v: 1, nonce: nodeRandom(32) })
  const proof = encodeMessage({ grant: nodeRandom(16), proof: nodeRandom(32) })
  const requests = [
    encodeMessage({ do: 'list', prefix: '00', after: '' }),
    encodeMessage({ do: 'put', name: NAME, size: (32 << 10) + 40 }),
  ]
  const answers = [
    encodeMessage({ ok: true, objects: [{ name: NAME, size: 1 }], isMore: false }),
    encodeMessage({ ok: true, size: 5 }),
    encodeMessage({ ok: false, code: 'full' }),
  ]
  return [
    { name: 'hello', wellFormed: [hello], parse: parseHello, codes },
    { name: 'proof', wellFormed: [proof], parse: parseProof, codes },
    { name: 'request', wellFormed: requests, parse: parseRequest, codes },
    { name: 'answer', wellFormed: answers, parse: parseAnswer, codes },
  ]
}

async function stored(): Promise<readonly Parser[]> {
  const [ana, place, secret, kit] = [
    person(),
    unsafeTestingStorage(),
    makeReplicaSecret(nodeRandom),
    nodeRandom(32),
  ]
  const laptop = await ana.device()
  const replica = laptop.replica(place, secret)
  await laptop.write(100)
  const { anchor = new Uint8Array(0) } = await replica.push()
  const memory = (await replica.memory()) ?? new Uint8Array(0)
  const components = { cryptography, random: nodeRandom }
  const opening = sealOpening(components, { size: 1040, secret, recoveryKeys: [kit] })
  const contents = [
    encodeContent({
      kind: 'frames',
      vault: ana.vault,
      by: laptop.id,
      again: 0,
      isProof: false,
      frames: [nodeRandom(9)],
    }),
    encodeContent({
      kind: 'index',
      vault: ana.vault,
      salt: nodeRandom(16),
      entries: [{ name: NAME, size: 0, spans: [{ device: laptop.id, first: 1, last: 2 }] }],
    }),
    encodeContent({ kind: 'part', vault: ana.vault, index: 0, count: 1, bytes: nodeRandom(9) }),
  ]
  const signed = ['ERR_MALFORMED', 'ERR_BAD_SIGNATURE'] as const
  return [
    { name: 'content', wellFormed: contents, parse: decodeContent, codes: ['ERR_MALFORMED'] },
    {
      name: 'anchor',
      wellFormed: [anchor],
      parse: (bytes) => readAnchor(cryptography, ana.vault, bytes),
      codes: signed,
    },
    {
      name: 'memory',
      wellFormed: [memory],
      parse: (bytes) => decodeMemory(cryptography, ana.vault, bytes),
      codes: signed,
    },
    {
      name: 'opening',
      wellFormed: [opening],
      parse: (bytes) => openOpening(cryptography, bytes, kit),
      codes: [],
    },
  ]
}

function texts(): readonly Parser[] {
  const link = capabilityLink({
    addresses: ['/ip4/192.0.2.1/tcp/1'],
    id: nodeRandom(16),
    key: nodeRandom(32),
  })
  const listing = `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/ab/${NAME}</d:href><d:propstat><d:prop><d:getcontentlength>5</d:getcontentlength></d:prop></d:propstat></d:response></d:multistatus>`
  return [
    {
      name: 'link',
      wellFormed: [TEXT.encode(link)],
      parse: (bytes) => readCapabilityLink(new TextDecoder().decode(bytes)),
      codes: ['ERR_MALFORMED', 'ERR_UNSUPPORTED'],
    },
    {
      name: 'XML',
      wellFormed: [TEXT.encode(listing)],
      parse: (bytes) => readXml(bytes, () => undefined),
      codes: ['ERR_REPLICA_DAMAGED'],
    },
  ]
}

/** Bytes made worse: altered, cut, doubled, spliced, or another value of the same encoding. */
function worse(draw: Draw, bytes: Uint8Array): Uint8Array {
  const kind = draw.below(6)
  const at = draw.below(bytes.length + 1)
  if (kind === 0) return draw.random(draw.below(200))
  if (kind === 1) return bytes.subarray(0, at)
  if (kind === 2)
    return Uint8Array.from([
      ...bytes.subarray(0, at),
      ...draw.random(1 + draw.below(9)),
      ...bytes.subarray(at),
    ])
  if (kind === 3) return Uint8Array.from([...bytes.subarray(0, at), ...bytes])
  if (kind === 4) return otherValue(draw, bytes)
  const copy = bytes.slice()
  for (let change = 0; change <= draw.below(4); change++) copy[draw.below(copy.length)] = draw.below(256)
  return copy
}

const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  2 ** 53 - 1,
  0.5,
  '',
  'x'.repeat(70),
  [],
  {},
  [[[]]],
  new Uint8Array(0),
]

function otherValue(draw: Draw, bytes: Uint8Array): Uint8Array {
  try {
    const value = fromCanonical(bytes)
    if (typeof value !== 'object' || value === null) return bytes
    const keys = Object.keys(value)
    return toCanonical({ ...value, [draw.one(keys) ?? 'v']: draw.one(STRANGE) } as never)
  } catch {
    return draw.random(20)
  }
}

test(
  'whatever bytes a keeper, a host or a guest sends are read or refused, at once and by a code',
  { timeout: patience(60_000) },
  async () => {
    const parsers = [...messages(), ...(await stored()), ...texts()]
    await eachSeed((seed) => {
      const draw = drawFrom(seed)
      for (const { name, wellFormed, parse, codes } of parsers) {
        for (const bytes of wellFormed) expect(() => parse(bytes)).not.toThrow()
        for (let index = 0; index < CASES; index++) {
          const bytes = worse(draw, draw.one(wellFormed) ?? new Uint8Array(0))
          const began = performance.now()
          try {
            parse(bytes)
          } catch (error) {
            const isForeseen = codes.some((code) => isMunimentError(error, code))
            if (!isForeseen)
              throw new Error(`${name}: ${Buffer.from(bytes).toString('hex')}`, { cause: error })
          }
          expect(performance.now() - began).toBeLessThan(LONGEST)
        }
      }
    })
  },
)
