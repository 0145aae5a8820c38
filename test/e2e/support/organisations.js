// Organisations as processes, and what they ask and certify.
import * as assert from 'uvu/assert'

const text = (en) => ({ en, fr: `${en} (en français)` })

/** What a council certifies of Ana's address. */
export const ADDRESS = {
  given_name: 'Ana',
  family_name: 'Moreau',
  address: { street_address: '14 rue des Lilas', postal_code: '69003', locality: 'Lyon', country: 'FR' },
  resident_since: '2021-04-01',
}

/** A request for the town, of one type of credential and of the issuers that are trusted. */
export function townRequest(issuers, { vct = 'urn:muniment:credential:proof-of-address:1', lifetime } = {}) {
  return {
    issuers,
    ...(lifetime !== undefined && { lifetime }),
    terms: {
      what: [
        {
          id: 'address',
          vct: [vct],
          label: text('Proof of address'),
          required: [{ id: 'town', path: ['address', 'locality'], label: text('Town') }],
          optional: [],
        },
      ],
      purpose: { concept: 'dpv:ServiceProvision', basis: 'dpv:Consent', text: text('To visit.') },
      givenBack: { text: text('An answer.') },
      kept: { days: 30, text: text('The town.') },
      thirdParties: [],
      erasure: { honoured: true },
    },
  }
}

/** Starts an organisation with one command; gives its process, which tells its DID and its addresses. */
export async function startsAs(role, someone) {
  const command = await someone.opens(role, 'start', '--key-file', '--name', someone.name)
  return { command, did: command.ready.did, address: command.ready.addresses[0] }
}

/** A council certifies somebody's address. */
export async function certifies(place, council, someone) {
  const { link } = await council.does(
    'issuer',
    'offer',
    'proof-of-address',
    '--claims',
    await place.file(`claims-${someone.name}.json`, ADDRESS),
  )
  return someone.does('receive', link)
}

/** A landlord asks for the town; gives the id and the link. */
export async function asks(place, landlord, request) {
  return landlord.does('verifier', 'request', await place.file('request.json', request))
}

/** Somebody opens a request, looks at what would leave, and says yes; gives how that ended. */
export async function saysYes(someone, link) {
  const { id } = await someone.does('request', link)
  const { hash } = await someone.does('preview', id)
  return someone.run('answer', id, '--accept', '--preview', hash)
}

/** What the landlord holds of a request. */
export async function holds(landlord, id) {
  const { received } = await landlord.does('verifier', 'received')
  const one = received.find((exchange) => exchange.id === id)
  assert.ok(one, `the landlord knows the request ${id}`)
  return one
}
