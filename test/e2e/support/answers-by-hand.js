// Ana's side of an exchange, message by message, for tests that send what no honest device sends.
import {
  acceptOffer,
  agree,
  answerEvent,
  CLAIM_PROTOCOL,
  claimEvent,
  encodeMessage,
  encodePresentation,
  fetchOffer,
  parseReply,
  parseRequestLink,
  presentationHash,
  REQUEST_PROTOCOL,
  signEvent,
  verifyOffer,
} from '@muniment/contract'
import { bindPresentation, issueSdJwtVc, presentSdJwt } from '@muniment/credentials'
import { createRelationship, createResolver, didKey, jwkFromPublicKey } from '@muniment/identity'
import { createNetwork } from 'muniment/network'
import { nodeClock as clock, nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { ADDRESS } from './organisations.js'

/** An issuer that lives in the test: its DID, and what it certifies for a holder's key. */
export function issuerInTest() {
  const keyPair = cryptography.generateKeyPair('ES256')
  const did = didKey(keyPair.publicKey)
  return {
    did,
    certify: (vct, holder) =>
      issueSdJwtVc(
        { cryptography, random, signer: cryptography.signer(keyPair) },
        {
          payload: { ...ADDRESS, iss: did, vct, cnf: { jwk: jwkFromPublicKey(holder.publicKey) } },
          disclosable: [['address', 'locality']],
        },
      ),
  }
}

/** A peer with a network key of its own; says one message on a channel of its own and gives the reply. */
export async function dialler(address) {
  const network = await createNetwork({ transportKey: random(32), clock })
  return {
    dial: (protocol) => network.dial(address, protocol),
    async say(protocol, message) {
      const channel = await network.dial(address, protocol)
      await channel.send(encodeMessage(message))
      const reply = parseReply(await channel.receive())
      await channel.close()
      return reply
    },
    stop: () => network.stop(),
  }
}

/** The offer behind a link, verified as a person's device does. */
export async function readsOffer(link, peer) {
  const { did, id } = parseRequestLink(link)
  const fetched = await fetchOffer(await peer.dial(REQUEST_PROTOCOL), id)
  const resolver = createResolver({ cryptography, clock })
  const verified = await verifyOffer({ cryptography, clock, resolver }, fetched.jws, { did, id })
  if (!fetched.ok || !verified.ok) throw new Error(JSON.stringify([fetched, verified]))
  return verified.offer
}

/** Someone new to the organisation: a relationship, the answer, and the contract that it makes. */
export function agreesTo(offer) {
  const key = cryptography.generateKeyPair('Ed25519')
  const relationship = createRelationship({ cryptography, random }, { devices: [key.publicKey] })
  const who = { relationship, signer: cryptography.signer(key), secret: random(32) }
  const answer = acceptOffer(offer, { relationship: relationship.shortDid })
  return { offer, who, answer, contract: agree(cryptography, offer, answer).hash, key: random(32) }
}

/** Claims the turn; gives the organisation's reply, in it the token. */
export async function claimsTurn({ offer, who, answer, contract, key }, peer) {
  const turn = { contract, n: 1, previous: null, key }
  return peer.say(CLAIM_PROTOCOL, {
    id: offer.proposal.id,
    relationship: who.relationship.did,
    answer,
    n: 1,
    previous: null,
    key,
    slot: await signEvent(cryptography, who, claimEvent(turn)),
  })
}

/** The final bytes: one credential, shown for the town and bound to the offer. */
export async function presents({ offer, answer }, issuer) {
  const [{ id, vct, required }] = offer.proposal.terms.what
  const holder = cryptography.generateKeyPair('ES256')
  const credential = await issuer.certify(vct[0], holder)
  const shown = presentSdJwt(credential, { cryptography }, { reveal: required.map(({ path }) => path) })
  const bound = await bindPresentation(
    shown,
    { cryptography, signer: cryptography.signer(holder) },
    {
      audience: offer.clientId,
      nonce: offer.nonce,
      issuedAt: Math.floor(clock.now() / 1000),
      transactionData: [offer.transactionData.get(id)],
      contractAnswer: { ...answer },
    },
  )
  return { [id]: [bound] }
}

/** The message that delivers these presentations under a token. */
export async function delivery({ offer, who, contract, key }, { token, presentations }) {
  const presentation = encodePresentation(presentations)
  const shown = { contract, n: 1, presentation: presentationHash(cryptography, presentation) }
  return {
    id: offer.proposal.id,
    contract,
    n: 1,
    key,
    token,
    presentation,
    slot: await signEvent(cryptography, who, answerEvent(shown)),
  }
}
