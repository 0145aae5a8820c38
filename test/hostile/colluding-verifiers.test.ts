import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodePresentation,
  formatRequestLink,
  openContractDesk,
  presentationVerifier,
  type Terms,
} from '@muniment/contract'
import { fromBase64url, fromCanonical } from '@muniment/crypto'
import { didKey, parseDidPeer4, publicKeyOfDidKey } from '@muniment/identity'
import type { Channel } from '@muniment/interface'
import { createOrganisation, createVault, type PersonVault } from 'muniment'
import { createNetwork } from 'muniment/network'
import { nodeClock as clock, nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ADDRESS_CLAIMS } from '../../node/src/demo/tenancy.ts'

const VERIFIERS = 20
/** Bytes that two verifiers would have to have in common to recognise each other's visitor. */
const WINDOW = 8
/** Seconds: when a copy was issued and when it expires is told no closer. */
const WEEK = 7 * 24 * 3600
const PATIENCE = 60_000
const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']
const VCT = 'urn:muniment:credential:proof-of-address:1'
const text = { en: 'To know.', fr: 'Pour savoir.' }
const TERMS: Terms = {
  what: [
    {
      id: 'address',
      vct: [VCT],
      label: text,
      required: [{ id: 'town', path: ['address', 'locality'], label: text }],
      optional: [],
    },
  ],
  purpose: { concept: 'dpv:ServiceProvision', basis: 'dpv:Consent', text },
  givenBack: { text },
  kept: { days: 1, text },
  thirdParties: [],
  erasure: { honoured: true },
}
/** Shown to everybody on purpose: the claim and its name, the issuer and its key, the type, the week of issue. */
const ON_PURPOSE = new Set(['Lyon', 'locality', VCT, 'dc+sd-jwt', 'kb+jwt', 'sha-256', 'ES256'])

let root: string
let closing: (() => Promise<unknown>)[]
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-colluding-'))
  closing = []
})
afterEach(async () => {
  await Promise.all(closing.map((close) => close()))
  await rm(root, { recursive: true })
})

interface Verifier {
  readonly link: string
  /** What it sent itself. */
  readonly own: ReadonlySet<string>
  /** All that it heard: messages, and the peer ids of who dialled. */
  readonly heard: { readonly messages: Uint8Array[]; readonly peers: Set<string> }
}

/** A verifier on a network of its own that keeps every byte it hears. */
async function verifier(issuer: string): Promise<Verifier> {
  const keyPair = cryptography.generateKeyPair('ES256')
  const did = didKey(keyPair.publicKey)
  const desk = await openContractDesk(
    {
      cryptography,
      random,
      clock,
      store: await openMemoryStore({ key: random(32), cryptography, random }),
      signer: cryptography.signer(keyPair),
      verifyPresentations: presentationVerifier({
        cryptography,
        issuerKey: async (iss) => (iss === issuer ? publicKeyOfDidKey(issuer) : undefined),
      }),
    },
    { organisation: { did, name: 'Shop' }, kid: `${did}#${did.slice('did:key:'.length)}` },
  )
  const network = await createNetwork({ transportKey: random(32), listen: LOOPBACK, clock })
  closing.push(() => network.stop())
  const heard = { messages: [] as Uint8Array[], peers: new Set<string>() }
  for (const [protocol, serve] of Object.entries(desk.protocols)) {
    await network.serve(protocol, (channel) => serve(overheard(channel, heard)))
  }
  const addresses = network.addresses()
  const { id, jws } = await desk.offer({ terms: TERMS, addresses })
  const { nonce, client_id: clientId } = JSON.parse(latin1(fromBase64url(jws.split('.')[1] ?? '')))
  return {
    link: formatRequestLink({ did, id, addresses }),
    own: new Set([id, nonce, clientId]),
    heard,
  }
}

function overheard(channel: Channel, heard: Verifier['heard']): Channel {
  heard.peers.add(channel.remote)
  return {
    ...channel,
    async receive(options) {
      const message = await channel.receive(options)
      if (message) heard.messages.push(message.slice())
      return message
    },
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Every value in what a verifier heard, taken out of CBOR, JWTs, disclosures, DIDs and base64url. */
function* atomsOf(value: unknown): Generator<string> {
  if (value instanceof Uint8Array) yield latin1(value)
  else if (typeof value === 'string') yield* atomsOfText(value)
  // A whole week is nobody's own; the moment of a visit, in the key binding, its verifier knows by itself.
  else if (typeof value === 'number' && value % WEEK !== 0) yield String(value)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (name === 'presentation' && member instanceof Uint8Array) yield* atomsOf(decodePresentation(member))
      else if (!('nonce' in value && name === 'iat')) yield* atomsOf(member)
    }
  }
}

function* atomsOfText(value: string): Generator<string> {
  if (value.startsWith('did:peer:4') && value.includes(':z')) yield* atomsOfDid(value)
  else if (value.startsWith('did:peer:4zQm')) yield value.slice('did:peer:4zQm'.length)
  else if (value.includes('~')) yield* atomsOf(value.split('~'))
  else if (/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/u.test(value)) yield* atomsOfJwt(value)
  else if (/^Wy[IJ]/u.test(value)) yield* atomsOf(JSON.parse(latin1(fromBase64url(value))))
  else yield /^[\w-]{16,}$/u.test(value) ? latin1(Buffer.from(value, 'base64url')) : value
}

function* atomsOfDid(long: string): Generator<string> {
  const { document, short } = parseDidPeer4(cryptography, long)
  yield* atomsOf(document)
  yield* atomsOf(short)
}

function* atomsOfJwt(jwt: string): Generator<string> {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  for (const part of [header, payload]) yield* atomsOf(JSON.parse(latin1(fromBase64url(part))))
  yield latin1(fromBase64url(signature))
}

/** Two of the pools that have so many bytes in common, with these bytes. */
function common(pools: readonly (readonly string[])[]): string[] {
  const seenBy = new Map<string, number>()
  const found: string[] = []
  for (const [index, atoms] of pools.entries()) {
    for (const atom of atoms) {
      for (let at = 0; at + WINDOW <= atom.length; at++) {
        const bytes = atom.slice(at, at + WINDOW)
        const other = seenBy.get(bytes)
        if (other !== undefined && other !== index) found.push(`${other} and ${index}: ${atom}`)
        else seenBy.set(bytes, index)
      }
    }
  }
  return found
}

async function ana(links: readonly string[]): Promise<PersonVault> {
  const vault = await createVault({ folder: join(root, 'ana'), passphrase: 'correct horse', name: 'Phone' })
  closing.push(() => vault.close())
  for (const link of links) await vault.receive(link)
  return vault
}

it(
  'twenty verifiers that pool all they heard of Ana cannot tell that it was one person',
  { timeout: PATIENCE },
  async () => {
    const council = await createOrganisation({
      folder: join(root, 'council'),
      passphrase: 'correct horse',
      name: 'Council',
    })
    closing.push(() => council.close())
    await council.start({ listen: LOOPBACK })
    const offer = { template: 'proof-of-address', claims: ADDRESS_CLAIMS }
    const offers = [await council.offerCredential(offer), await council.offerCredential(offer)]
    offers.push(await council.offerCredential(offer))
    const vault = await ana(offers.map(({ link }) => link))
    const verifiers = await Promise.all(Array.from({ length: VERIFIERS }, () => verifier(council.did)))
    for (const { link } of verifiers) {
      const { id } = await vault.openRequest(link)
      const { hash } = await vault.preview(id)
      expect(await vault.share(id, hash)).toMatchObject({ ok: true })
    }
    const ofCouncil = council.did.slice('did:key:'.length)
    const pools = verifiers.map(({ heard, own }) => {
      const messages = heard.messages.flatMap((message) => [...atomsOf(fromCanonical(message))])
      const peers = [...heard.peers].map((peer) => peer.slice('12D3KooW'.length))
      const isOwn = (atom: string): boolean =>
        ON_PURPOSE.has(atom) ||
        atom.includes(ofCouncil) ||
        own.has(atom) ||
        own.has(Buffer.from(atom, 'latin1').toString('base64url'))
      return [...messages, ...peers].filter((atom) => !isOwn(atom))
    })
    expect(common(pools)).toEqual([])
  },
)
