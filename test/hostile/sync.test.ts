import { base64url, type CanonicalValue, fromCanonical, inDomain, toCanonical } from '@muniment/crypto'
import type { Channel } from '@muniment/interface'
import { MAX_WINDOW_BYTES, syncWith } from '@muniment/sync'
import fc from 'fast-check'
import { memoryChannelPair } from 'muniment/network'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import { framesOf } from '../../packages/log/test/support/actors.ts'
import {
  ending,
  family,
  newSyncDevice,
  note,
  nth,
  type SyncActor,
  textsOf,
  until,
} from '../../packages/sync/test/support/actors.ts'

interface HelloBack {
  readonly nonce: Uint8Array
}

/** Mallory speaks with Alice's laptop byte by byte, as a member: the worst peer there can be. */
async function mallory({
  greets = true,
  heads = {},
}: { greets?: boolean; heads?: Record<string, unknown> } = {}) {
  const alices = await family()
  const [laptop, member] = [await newSyncDevice(alices), await newSyncDevice(alices)]
  await laptop.log.append([note(alices, 'mine')])
  const [atLaptop, channel] = memoryChannelPair({ peers: [laptop.peer, member.peer] })
  const end = ending(syncWith(atLaptop, laptop.components))
  if (greets) await greetAs(channel, member, laptop, heads)
  return { alices, laptop, member, channel, end }
}

async function greetAs(
  channel: Channel,
  self: SyncActor,
  laptop: SyncActor,
  heads: Record<string, unknown>,
): Promise<void> {
  const nonce = nodeRandom(32)
  await say(channel, { type: 'hello', nonce })
  const theirs = await hear<HelloBack>(channel)
  const fields = {
    vault: laptop.log.vault,
    device: self.id,
    from: self.peer,
    to: laptop.peer,
    nonce,
    theirs: theirs.nonce,
  }
  const signature = await nodeCryptography
    .signer(self.keyPair)
    .sign(inDomain('muniment/sync-proof/1', toCanonical(fields)))
  await say(channel, { type: 'proof', device: self.id, signature })
  await hear(channel)
  await say(channel, { type: 'held', heads, keyring: { epoch: null, version: {} } })
  await hear(channel)
}

const say = (channel: Channel, message: object): Promise<void> =>
  channel.send(toCanonical(message as Parameters<typeof toCanonical>[0]))

async function hear<T>(channel: Channel): Promise<T> {
  return fromCanonical((await channel.receive()) ?? new Uint8Array()) as T
}

describe('a member that has turned', () => {
  test('no bytes of any kind crash the laptop: it hangs up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, greets) => {
        const { channel, end, laptop, alices } = await mallory({ greets })
        await channel.send(bytes)
        expect(['ERR_MALFORMED', 'ERR_PROTOCOL']).toContain(await end)
        expect(await textsOf(laptop.log, laptop.id)).toEqual(['mine'])
        await laptop.log.append([note(alices, 'still writing')])
      }),
      { numRuns: 60 },
    )
  })

  test('deep nesting, huge counts and endless names are refused before they are built', async () => {
    const held = (heads: object) =>
      toCanonical({ type: 'held', heads: heads as never, keyring: { epoch: null, version: {} } })
    const many = Object.fromEntries(
      Array.from({ length: 600 }, () => [base64url(nodeRandom(32)), { seq: 1, hash: 'A'.repeat(43) }]),
    )
    const attacks: Uint8Array[] = [
      new Uint8Array(60_000).fill(0x81),
      Uint8Array.from([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      Uint8Array.from([0x5b, 0, 0, 0, 1, 0, 0, 0, 0]),
      held(many),
      toCanonical({ type: 'frames', frames: Array.from({ length: 2_000 }, () => new Uint8Array(1)) }),
      toCanonical({
        type: 'locate',
        device: 'A'.repeat(43),
        landmarks: Array.from({ length: 1_000 }, () => ({ seq: 1, hash: 'A'.repeat(43) })),
      }),
      toCanonical({ type: 'stored', frames: Number.MAX_SAFE_INTEGER }),
      toCanonical({ type: 'frames', frames: [new Uint8Array(1_000_000)] }),
    ]
    for (const bytes of attacks) {
      const { channel, end } = await mallory()
      await channel.send(bytes)
      expect(['ERR_MALFORMED', 'ERR_PROTOCOL']).toContain(await end)
    }
  })

  test('lies about what it holds change nothing that is stored', async () => {
    const lies = [
      { seq: Number.MAX_SAFE_INTEGER, hash: 'A'.repeat(43) },
      { seq: 1, hash: 'A'.repeat(43) },
      { seq: 2, hash: 'A'.repeat(43), forkedAt: 1 },
    ]
    for (const lie of lies) {
      const first = await mallory({ greets: false })
      await greetAs(first.channel, first.member, first.laptop, {
        [first.laptop.id]: lie,
        [first.member.id]: lie,
        ['B'.repeat(43)]: lie,
      })
      await first.member.log.append([note(first.alices, 'goes on all the same')])
      const frames = (await framesOf(first.member.log)).map(({ bundle }) => bundle)
      await say(first.channel, { type: 'frames', frames })
      await until([first.laptop], () => first.laptop.log.heads()[first.member.id]?.seq === 2)
      first.channel.abort(new Error('enough'))
      await first.end
      expect(first.laptop.log.forks()).toEqual([])
      expect(first.laptop.log.isRolledBack).toBe(false)
      await first.laptop.log.append([note(first.alices, 'writes on')])
    }
  })

  test('frames that nobody signed, of another vault, or of strangers are not stored', async () => {
    const others = await family()
    const stranger = await newSyncDevice(others)
    await stranger.log.append([note(others, 'spam')])
    const { channel, end, laptop, member, alices } = await mallory()
    await say(channel, { type: 'frames', frames: (await framesOf(stranger.log)).map(({ bundle }) => bundle) })
    await member.log.append([note(alices, 'honest')])
    const frame = nth(await framesOf(member.log), 0).bundle
    await say(channel, { type: 'frames', frames: [frame] })
    await until([laptop], () => member.id in laptop.log.heads())
    expect(stranger.id in laptop.log.heads()).toBe(false)
    await member.log.append([note(alices, 'forged')])
    const forged = fromCanonical(nth(await framesOf(member.log), 1).bundle) as {
      readonly [name: string]: CanonicalValue
      signature: Uint8Array
    }
    forged.signature.set([1, 2, 3])
    await say(channel, { type: 'frames', frames: [toCanonical(forged)] })
    expect(await end).toBe('ERR_PROTOCOL')
    expect(laptop.log.heads()[member.id]?.seq).toBe(2)
  })

  test('the same frames a thousand times are stored once', async () => {
    const { channel, laptop, member, alices } = await mallory()
    await member.log.append([note(alices, 'again')])
    const frame = nth(await framesOf(member.log), 0).bundle
    const commits = laptop.store.commits
    for (let index = 0; index < 10; index++)
      await say(channel, { type: 'frames', frames: Array.from({ length: 100 }, () => frame) })
    await until([laptop], () => member.id in laptop.log.heads())
    expect(laptop.store.commits).toBe(commits + 1)
    channel.abort(new Error('enough'))
  })

  test('whoever does not wait for the acknowledgement is hung up on', async () => {
    const { channel, end, laptop } = await mallory()
    const receiveAll = laptop.log.receiveAll.bind(laptop.log)
    const hungUp = (async () => {
      while ((await channel.receive().catch(() => undefined)) !== undefined);
    })()
    Object.assign(laptop.components.log, {
      receiveAll: async (bundles: readonly Uint8Array[]) => {
        await hungUp
        return receiveAll(bundles)
      },
    })
    const frames = Array.from({ length: 10 }, () => new Uint8Array(60_000))
    const sends = Array.from({ length: MAX_WINDOW_BYTES / 600_000 + 2 }, () =>
      say(channel, { type: 'frames', frames }).catch(() => undefined),
    )
    expect(await end).toBe('ERR_PROTOCOL')
    await Promise.all(sends)
  })

  test('a proof from another connection is refused', async () => {
    const { laptop, member, alices } = await mallory()
    const [atMember, toMember] = memoryChannelPair({ peers: [member.peer, laptop.peer] })
    void ending(syncWith(atMember, member.components))
    const [atLaptop, channel] = memoryChannelPair({ peers: [laptop.peer, member.peer] })
    const end = ending(syncWith(atLaptop, laptop.components))
    await say(toMember, { type: 'hello', nonce: nodeRandom(32) })
    const hello = await hear<object>(toMember)
    const proof = await hear<object>(toMember)
    await say(channel, hello)
    await say(channel, proof)
    expect(await end).toBe('ERR_NOT_A_MEMBER')
    expect(alices.roster.has(member.id)).toBe(true)
  })

  test('a greeting said back to the laptop proves nothing', async () => {
    const { channel, end } = await mallory({ greets: false })
    await channel.send((await channel.receive()) ?? new Uint8Array())
    await channel.send((await channel.receive()) ?? new Uint8Array())
    expect(await end).toBe('ERR_NOT_A_MEMBER')
  })
})
