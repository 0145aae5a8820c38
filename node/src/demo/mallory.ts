import { fromBase64url } from '@muniment/crypto'
import {
  acceptOffer,
  agree,
  ANSWER_PROTOCOL,
  answerEvent,
  CLAIM_PROTOCOL,
  claimEvent,
  encodeMessage,
  fetchOffer,
  type Offer,
  parseReply,
  parseRequestLink,
  presentationHash,
  type RelationshipSigner,
  type Reply,
  REQUEST_PROTOCOL,
  signEvent,
  verifyOffer,
} from '@muniment/contract'
import { createRelationship, createResolver } from '@muniment/identity'
import { type Channel, MunimentError } from '@muniment/interface'
import { dialPairwise } from '../person/dial-pairwise.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { type Forgery, forge, strangersPresentation } from './forge.ts'

type Dial = (protocol: string) => Promise<Channel>

/**
 * A process of an attacker who has copied somebody's presentation: she makes a relationship of her own, claims the turn
 * as anybody may, and delivers it, changed or not. Prints the organisation's last reply as JSON.
 *
 * Words: the link of a request, what she does, and the copied bytes in base64url.
 */
async function tryIt([link = '', forgery = '', copied = '']: readonly string[]): Promise<Reply> {
  const parsed = parseRequestLink(link)
  if (parsed.kind !== 'muniment') throw new MunimentError('ERR_USAGE', 'this is not a link of the story')
  const { addresses, did, id } = parsed
  return dialPairwise({ transportKey: nodeRandom(32), addresses }, async (dial) => {
    const fetched = await fetchOffer(await dial(REQUEST_PROTOCOL), id)
    if (!fetched.ok) throw new MunimentError('ERR_REFUSED', 'no offer')
    const resolver = createResolver({ cryptography: nodeCryptography, clock: nodeClock })
    const checks = { cryptography: nodeCryptography, clock: nodeClock, resolver }
    const verified = await verifyOffer(checks, fetched.jws, { did, id })
    if (!verified.ok) throw new MunimentError('ERR_OFFER_INVALID', 'the offer is not good')
    return deliver(dial, verified.offer, { forgery, copied })
  })
}

async function deliver(
  dial: Dial,
  offer: Offer,
  { forgery, copied }: { readonly forgery: string; readonly copied: string },
): Promise<Reply> {
  const mallory = newRelationship()
  const answer = acceptOffer(offer, { relationship: mallory.relationship.shortDid })
  const agreed = agree(nodeCryptography, offer, answer)
  if (!agreed.ok) throw new MunimentError('ERR_ANSWER_TOO_WIDE', 'the answer does not fit the offer')
  const presentation =
    forgery === 'stranger'
      ? await strangersPresentation(offer, answer)
      : forge(fromBase64url(copied), isForgery(forgery) ? forgery : 'as it is')
  const { id } = offer.proposal
  const turn = { contract: agreed.hash, n: 1, previous: null, key: nodeRandom(32) }
  const claim = await ask(await dial(CLAIM_PROTOCOL), {
    id,
    relationship: mallory.relationship.did,
    answer,
    n: turn.n,
    previous: turn.previous,
    key: turn.key,
    slot: await signEvent(nodeCryptography, mallory, claimEvent(turn)),
  })
  if (!('token' in claim)) return claim
  const shown = {
    contract: agreed.hash,
    n: 1,
    presentation: presentationHash(nodeCryptography, presentation),
  }
  return ask(await dial(ANSWER_PROTOCOL), {
    id,
    contract: agreed.hash,
    n: 1,
    key: turn.key,
    token: claim.token,
    presentation,
    slot: await signEvent(nodeCryptography, mallory, answerEvent(shown)),
  })
}

function newRelationship(): RelationshipSigner {
  const key = nodeCryptography.generateKeyPair('Ed25519')
  const components = { cryptography: nodeCryptography, random: nodeRandom }
  return {
    relationship: createRelationship(components, { devices: [key.publicKey] }),
    signer: nodeCryptography.signer(key),
    secret: nodeRandom(32),
  }
}

async function ask(channel: Channel, message: Parameters<typeof encodeMessage>[0]): Promise<Reply> {
  await channel.send(encodeMessage(message))
  const bytes = await channel.receive()
  if (!bytes) throw new MunimentError('ERR_CHANNEL_CLOSED', 'the organisation closed without an answer')
  return parseReply(bytes)
}

function isForgery(text: string): text is Forgery {
  return text === 'as it is' || text === 'signature twin' || text === 'tampered'
}

process.stdout.write(`${JSON.stringify(await tryIt(process.argv.slice(2)))}\n`)
process.exit(0)
