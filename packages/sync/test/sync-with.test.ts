import { fromCanonical } from '@muniment/crypto'
import { describe, expect, test } from 'vitest'
import { memoryChannelPair } from 'muniment/network'
import { nodeCryptography } from 'muniment/platform'
import { GREETING_TIMEOUT, KEEPALIVE_INTERVAL, syncWith } from '../src/index.ts'
import {
  connect,
  ending,
  family,
  later,
  meet,
  newSyncDevice,
  note,
  removeDevice,
  sameHeads,
  textsOf,
  unsafeTestingClock,
  until,
  withSync,
} from './support/actors.ts'

const typeOf = (message: Uint8Array): unknown => (fromCanonical(message) as { type: unknown }).type

describe('two devices of a vault', () => {
  test('both get what the other has, and then every new entry as it is written', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    await laptop.log.append([note(alices, 'from the laptop')])
    await phone.log.append([note(alices, 'from the phone')])
    const connection = connect(laptop, phone)
    await until([laptop, phone], () => sameHeads(laptop, phone))
    await Promise.all([
      laptop.log.append([note(alices, 'live 1')]),
      phone.log.append([note(alices, 'live 2')]),
    ])
    await until([laptop, phone], () => sameHeads(laptop, phone))
    connection.stop()
    expect(await connection.ends).toEqual(['ended', 'ERR_CHANNEL_CLOSED'])
    expect(await textsOf(phone.log, laptop.id)).toEqual(['from the laptop', 'live 1'])
    expect(await textsOf(laptop.log, phone.id)).toEqual(['from the phone', 'live 2'])
  })

  test('an end that closes lets the other end well', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    await laptop.log.append([note(alices, 'a')])
    const [atLaptop, atPhone] = memoryChannelPair({ peers: [laptop.peer, phone.peer] })
    const both = [ending(syncWith(atLaptop, laptop.components)), ending(syncWith(atPhone, phone.components))]
    await until([laptop, phone], () => sameHeads(laptop, phone))
    await atPhone.close()
    expect(await both[0]).toBe('ended')
  })

  test('a third device gets everything through a second one', async () => {
    const alices = await family()
    const [laptop, phone, tablet] = [
      await newSyncDevice(alices),
      await newSyncDevice(alices),
      await newSyncDevice(alices),
    ]
    const connections = [connect(laptop, phone), connect(phone, tablet)]
    await laptop.log.append([note(alices, 'a')])
    await tablet.log.append([note(alices, 'b')])
    await until(
      [laptop, phone, tablet],
      () => sameHeads(laptop, phone, tablet) && 'a' in { a: tablet.log.heads()[laptop.id] },
    )
    await until([laptop, tablet], () => tablet.id in laptop.log.heads() && sameHeads(laptop, tablet))
    for (const connection of connections) connection.cut()
    expect(await textsOf(tablet.log, laptop.id)).toEqual(['a'])
    expect(await textsOf(laptop.log, tablet.id)).toEqual(['b'])
  })

  test('a fresh phone sees how much there is and how far it has come', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    const body = new Uint8Array(20_000)
    for (let index = 0; index < 30; index++)
      await laptop.log.append([{ kind: 'segment', body, key: alices.key }])
    const seen: { received: number; expected: number }[] = []
    const whole = later()
    const onProgress = (progress: { received: number; expected: number }) => {
      seen.push(progress)
      if (progress.received === 31) whole.resolve()
    }
    const connection = connect(phone, laptop, { leftInit: { onProgress } })
    await whole.promise
    connection.stop()
    expect(seen[0]).toEqual({ received: 0, expected: 31 })
    expect(seen.at(-1)).toEqual({ received: 31, expected: 31 })
    expect(phone.store.commits).toBeLessThan(31)
  })

  test('a phone that fetches from two devices at once sees both come to an end', async () => {
    const alices = await family()
    const [laptop, tablet, phone] = [
      await newSyncDevice(alices),
      await newSyncDevice(alices),
      await newSyncDevice(alices),
    ]
    const body = new Uint8Array(20_000)
    for (let index = 0; index < 30; index++)
      await laptop.log.append([{ kind: 'segment', body, key: alices.key }])
    await meet(laptop, tablet)
    const seen = new Map<string, { received: number; expected: number }>()
    const whole = [later(), later()]
    const connections = [laptop, tablet].map((peer, at) =>
      connect(phone, peer, {
        leftInit: {
          onProgress(progress) {
            seen.set(peer.id, progress)
            if (progress.received === progress.expected) whole[at]?.resolve()
          },
        },
      }),
    )
    await Promise.all(whole.map(({ promise }) => promise))
    for (const connection of connections) connection.stop()
    expect(sameHeads(laptop, tablet, phone)).toBe(true)
    expect([...seen.values()]).toEqual([
      { received: 31, expected: 31 },
      { received: 31, expected: 31 },
    ])
  })

  test('wherever the line is cut, nothing is half stored and the next connection goes on', async () => {
    const alices = await family()
    const laptop = await newSyncDevice(alices)
    const body = new Uint8Array(50_000)
    for (let index = 0; index < 8; index++)
      await laptop.log.append([{ kind: 'segment', body, key: alices.key }])
    for (let messages = 0; messages < 16; messages++) {
      const phone = await newSyncDevice(alices)
      const cut = connect(laptop, phone, { messages })
      await Promise.race([cut.ends, until([phone], () => sameHeads(laptop, phone))])
      cut.cut()
      const again = withSync(alices, await phone.restart())
      await meet(laptop, again)
      expect(again.log.heads()).toEqual(laptop.log.heads())
      expect(await textsOf(again.log, laptop.id)).toHaveLength(8)
    }
  })

  test('what one has is not sent again', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    await laptop.log.append([note(alices, 'a')])
    await meet(laptop, phone)
    const commits = phone.store.commits
    const connection = connect(laptop, phone)
    await laptop.log.append([note(alices, 'b')])
    await until([phone], () => sameHeads(laptop, phone))
    expect(phone.store.commits).toBe(commits + 1)
    connection.stop()
  })

  test('the keyring reaches the phone before the entries that need it', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    laptop.keyring.change(laptop.id)
    await laptop.log.append([note(alices, 'a')])
    const versions: (number | undefined)[] = []
    phone.log.onAppend(({ origin }) => {
      if (origin === 'peer') versions.push(phone.keyring.version.get(laptop.id))
    })
    const connection = connect(laptop, phone)
    await until([phone], () => sameHeads(laptop, phone))
    laptop.keyring.change(laptop.id)
    await laptop.log.append([note(alices, 'b')])
    await until([phone], () => sameHeads(laptop, phone))
    expect(versions).toEqual([1, 2])
    expect([laptop.keyring.merged, phone.keyring.merged]).toEqual([0, 2])
    connection.stop()
  })

  test('a keyring that changes while the one before is on its way still goes before the entries', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    laptop.keyring.change(laptop.id)
    const [atLaptop, atPhone] = memoryChannelPair({ peers: [laptop.peer, phone.peer] })
    const sent: unknown[] = []
    const slow = {
      ...atLaptop,
      send: async (message: Uint8Array) => {
        sent.push(typeOf(message))
        if (sent.length === 4) {
          laptop.keyring.change(laptop.id)
          await laptop.log.append([note(alices, 'a')])
        }
        await atLaptop.send(message)
      },
    }
    const both = [ending(syncWith(slow, laptop.components)), ending(syncWith(atPhone, phone.components))]
    await until([phone], () => laptop.id in phone.log.heads())
    expect(sent.slice(3, 6)).toEqual(['keyring', 'keyring', 'frames'])
    atPhone.abort(new Error('enough'))
    await Promise.all(both)
  })

  test('a keyring whose author is not known yet is taken in once the entries that name it have come', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    laptop.keyring.change(laptop.id)
    await laptop.log.append([note(alices, 'a')])
    const merge = phone.keyring.merge.bind(phone.keyring)
    const unknown = { ok: false, problems: [{ code: 'not_a_member', message: 'not known yet' }] } as const
    Object.assign(phone.keyring, {
      merge: async (bytes: Uint8Array) => (laptop.id in phone.log.heads() ? merge(bytes) : unknown),
    })
    const connection = connect(laptop, phone)
    await until([phone], () => phone.keyring.version.get(laptop.id) === 1)
    connection.cut()
    await connection.ends
  })

  test('what came from the laptop is not sent back to it', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    const [atLaptop, atPhone] = memoryChannelPair({ peers: [laptop.peer, phone.peer] })
    const sent: unknown[] = []
    const watched = {
      ...atPhone,
      send: async (message: Uint8Array) => {
        sent.push(typeOf(message))
        await atPhone.send(message)
      },
    }
    const both = [ending(syncWith(atLaptop, laptop.components)), ending(syncWith(watched, phone.components))]
    for (const text of ['a', 'b', 'c']) {
      await laptop.log.append([note(alices, text)])
      await until([phone], () => sameHeads(laptop, phone))
    }
    await phone.log.append([note(alices, 'mine')])
    await until([laptop], () => sameHeads(laptop, phone))
    expect(sent.filter((type) => type === 'frames')).toHaveLength(1)
    atPhone.abort(new Error('enough'))
    await Promise.all(both)
  })

  test('a laptop restored from a backup is told, gets its entries back and sends none of its own', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    await laptop.log.append([note(alices, 'old')])
    const backup = laptop.store.copy()
    await laptop.log.append([note(alices, 'new')])
    await meet(laptop, phone)
    const restored = withSync(alices, await laptop.restart(backup))
    let isRolledBack: boolean | undefined
    const connection = connect(restored, phone, {
      leftInit: { onGreeted: (peer) => (isRolledBack = peer.isRolledBack) },
    })
    await until([restored], () => sameHeads(restored, phone) || restored.log.isRolledBack)
    connection.stop()
    expect(isRolledBack).toBe(true)
    expect(await textsOf(restored.log, laptop.id)).toEqual(['old', 'new'])
    await expect(restored.log.append([note(alices, 'x')])).rejects.toMatchObject({ code: 'ERR_ROLLED_BACK' })
    expect(phone.log.forks()).toEqual([])
  })

  test('a laptop that has just started may write once a peer confirmed its head', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices, { isOffline: false }), await newSyncDevice(alices)]
    const greeted = later()
    const connection = connect(laptop, phone, { leftInit: { onGreeted: () => greeted.resolve() } })
    await greeted.promise
    await laptop.log.append([note(alices, 'a')])
    await until([phone], () => sameHeads(laptop, phone))
    connection.stop()
  })

  test('a line where nothing happens is kept alive', async () => {
    const alices = await family()
    const clock = unsafeTestingClock()
    const laptop = await newSyncDevice(alices, { clock })
    const phone = await newSyncDevice(alices)
    const [atLaptop, atPhone] = memoryChannelPair({ peers: [laptop.peer, phone.peer] })
    const got: string[] = []
    const told = later()
    const watched = {
      ...atPhone,
      receive: async (options?: { signal?: AbortSignal }) => {
        const message = await atPhone.receive(options)
        const text = new TextDecoder('latin1').decode(message)
        if (text.includes('alive')) told.resolve()
        got.push(text)
        return message
      },
    }
    const greeted = later()
    const both = [
      ending(syncWith(atLaptop, laptop.components, { onGreeted: () => greeted.resolve() })),
      ending(syncWith(watched, phone.components)),
    ]
    await greeted.promise
    await until([laptop, phone], () => true)
    await new Promise((resolve) => setImmediate(resolve))
    clock.pass(KEEPALIVE_INTERVAL)
    await told.promise
    atLaptop.abort(new Error('enough'))
    await Promise.all(both)
  })
})

describe('who is not of the vault', () => {
  test('a stranger is sent nothing at all', async () => {
    const [alices, mallorys] = [await family(), await family()]
    const [laptop, mallory] = [await newSyncDevice(alices), await newSyncDevice(mallorys)]
    const [atLaptop, atMallory] = memoryChannelPair({ peers: [laptop.peer, mallory.peer] })
    const sync = ending(syncWith(atLaptop, laptop.components))
    expect(await sync).toBe('ERR_NOT_A_MEMBER')
    await expect(atMallory.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  test("a thief of the phone's network key without its device key learns one random number", async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    await laptop.log.append([note(alices, 'a')])
    const thief = {
      ...phone,
      components: {
        ...phone.components,
        signer: nodeCryptography.signer(nodeCryptography.generateKeyPair('Ed25519')),
      },
    }
    const connection = connect(laptop, thief)
    expect((await connection.ends)[0]).toBe('ERR_NOT_A_MEMBER')
    expect(phone.log.heads()[laptop.id]).toBeUndefined()
  })

  test('a device that is removed is served no longer, at once', async () => {
    const alices = await family()
    const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
    const connection = connect(laptop, phone)
    await laptop.log.append([note(alices, 'a')])
    await until([phone], () => sameHeads(laptop, phone))
    removeDevice(alices, phone.id)
    expect((await connection.ends)[0]).toBe('ERR_NOT_A_MEMBER')
  })

  test('a member that says nothing is let go', async () => {
    const alices = await family()
    const clock = unsafeTestingClock()
    const [laptop, phone] = [await newSyncDevice(alices, { clock }), await newSyncDevice(alices)]
    const [atLaptop] = memoryChannelPair({ peers: [laptop.peer, phone.peer] })
    const sync = ending(syncWith(atLaptop, laptop.components))
    clock.pass(GREETING_TIMEOUT)
    expect(await sync).toBe('ERR_TIMEOUT')
  })
})
