import type { Channel } from '@muniment/interface'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** The two ends of a fresh channel, the longest message it takes, and what to stop afterwards. */
export interface ChannelPair {
  readonly ends: readonly [Channel, Channel]
  /** Bytes of the longest message. */
  readonly limit: number
  stop?(): Promise<void>
}

/**
 * Runs what every {@link Channel} must do.
 *
 * @param name - what is tested, for the report
 * @param openPair - opens a fresh channel; called once for each test
 */
export function channelCompliance(name: string, openPair: () => Promise<ChannelPair>): void {
  describe(`${name}, as a channel`, () => {
    let pair: ChannelPair

    beforeEach(async () => {
      pair = await openPair()
    })
    afterEach(async () => {
      for (const end of pair.ends) end.abort(new Error('the test is over'))
      await pair.stop?.()
    })

    conversation(() => pair)
    ending(() => pair)
  })
}

function conversation(pair: () => ChannelPair): void {
  it('each end knows the other by its peer id', () => {
    const [alice, bob] = pair().ends

    expect(alice.local).not.toBe(bob.local)
    expect(alice.remote).toBe(bob.local)
    expect(bob.remote).toBe(alice.local)
  })

  it('messages arrive whole and in order, both ways', async () => {
    const [alice, bob] = pair().ends
    const sent = [1, 2, 3].map((value) => new Uint8Array(value * 1000).fill(value))
    for (const message of sent) await alice.send(message)
    await bob.send(Uint8Array.of(9))

    for (const message of sent) expect(await bob.receive()).toEqual(message)
    expect(await alice.receive()).toEqual(Uint8Array.of(9))
  })

  it('an empty message is a message', async () => {
    const [alice, bob] = pair().ends
    await alice.send(new Uint8Array(0))

    expect(await bob.receive()).toEqual(new Uint8Array(0))
  })

  it('who receives first waits for who sends', async () => {
    const [alice, bob] = pair().ends
    const received = bob.receive()
    await alice.send(Uint8Array.of(1))

    expect(await received).toEqual(Uint8Array.of(1))
  })

  it('a message of the limit passes, a longer one is refused by its own sender and the channel lives on', async () => {
    const [alice, bob] = pair().ends
    const longest = new Uint8Array(pair().limit).fill(1)
    await expect(alice.send(new Uint8Array(pair().limit + 1))).rejects.toMatchObject({
      code: 'ERR_TOO_LARGE',
    })
    const sent = alice.send(longest)

    expect(await bob.receive()).toEqual(longest)
    await sent
  })

  it('a message changed by its sender after sending arrives as it was', async () => {
    const [alice, bob] = pair().ends
    const message = Uint8Array.of(1, 2, 3)
    const sent = alice.send(message)
    message.fill(0)
    await sent

    expect(await bob.receive()).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('a sender waits for a reader who does not read, and goes on when he does', async () => {
    const [alice, bob] = pair().ends
    const count = Math.ceil((64 << 20) / pair().limit)
    let sentMessages = 0
    const sending = (async () => {
      for (let index = 0; index < count; index++) {
        await alice.send(new Uint8Array(pair().limit).fill(index % 256))
        sentMessages++
      }
    })()
    await bob.receive()
    const sentWhileOneWasRead = sentMessages
    for (let index = 1; index < count; index++) {
      const message = await bob.receive()
      expect(message?.[0]).toBe(index % 256)
    }
    await sending

    expect(sentWhileOneWasRead).toBeLessThan(count)
  })

  it('a wait for a message can be given up, and the next message is not lost by it', async () => {
    const [alice, bob] = pair().ends
    const patience = new AbortController()
    const received = bob.receive({ signal: patience.signal })
    patience.abort(new Error('enough'))

    await expect(received).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    await alice.send(Uint8Array.of(1))
    expect(await bob.receive()).toEqual(Uint8Array.of(1))
  })
}

function ending(pair: () => ChannelPair): void {
  it('what was sent before closing arrives, then the end', async () => {
    const [alice, bob] = pair().ends
    await alice.send(Uint8Array.of(1))
    await alice.close()

    expect(await bob.receive()).toEqual(Uint8Array.of(1))
    expect(await bob.receive()).toBeUndefined()
    expect(await bob.receive()).toBeUndefined()
  })

  it('who closed can still receive what the other end sends', async () => {
    const [alice, bob] = pair().ends
    await alice.close()
    expect(await bob.receive()).toBeUndefined()
    await bob.send(Uint8Array.of(2))
    await bob.close()

    expect(await alice.receive()).toEqual(Uint8Array.of(2))
    expect(await alice.receive()).toBeUndefined()
  })

  it('nothing can be sent after closing', async () => {
    const [alice] = pair().ends
    await alice.close()

    await expect(alice.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('closing twice is closing once', async () => {
    const [alice] = pair().ends
    await alice.close()

    await expect(alice.close()).resolves.toBeUndefined()
  })

  it('an abort ends the channel at once for both', async () => {
    const [alice, bob] = pair().ends
    const received = bob.receive()
    alice.abort(new Error('enough'))

    await expect(received).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await expect(alice.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await expect(alice.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await expect(bob.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('an abort frees a sender who was waiting for room', async () => {
    const [alice, bob] = pair().ends
    const sending = (async () => {
      for (;;) await alice.send(new Uint8Array(pair().limit))
    })()
    await bob.receive()
    bob.abort(new Error('enough'))

    await expect(sending).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })
}
