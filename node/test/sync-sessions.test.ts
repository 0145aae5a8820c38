import { expect, test } from 'vitest'
import { memoryChannelPair } from '../src/network/index.ts'
import { newsBoard } from '../src/person/news-board.ts'
import { syncSessions } from '../src/person/sync-sessions.ts'
import { type DeviceInMemory, firstDevice, pairedWith } from './support/device.ts'

function sessionsOf(device: DeviceInMemory) {
  const news = newsBoard()
  const stop = new AbortController()
  return { news, stop, sessions: syncSessions(device, { news, stopping: stop.signal }) }
}

/** Connects two devices once more; both talk over it until it breaks. */
function connect(left: ReturnType<typeof sessionsOf>, right: ReturnType<typeof sessionsOf>) {
  const [here, there] = memoryChannelPair({ peers: ['peer-laptop', 'peer-phone'] })
  const greeted = Promise.withResolvers<void>()
  const ended = Promise.allSettled([left.sessions.talk(here, greeted.resolve), right.sessions.talk(there)])
  return {
    greeted: greeted.promise,
    async breaks() {
      here.abort(new Error('the line broke'))
      await ended
    },
  }
}

test('two devices that dialled each other stay connected when the later of the two lines is given up', async () => {
  const laptop = await firstDevice('laptop')
  const phone = await pairedWith(laptop, 'phone')
  const [atLaptop, atPhone] = [sessionsOf(laptop), sessionsOf(phone)]
  const first = connect(atLaptop, atPhone)
  await first.greeted
  const since = atLaptop.sessions.since(phone.keys.id)
  const second = connect(atLaptop, atPhone)
  await second.greeted
  expect(atLaptop.sessions.all()).toHaveLength(1)

  await second.breaks()
  expect(atLaptop.sessions.with(phone.keys.id)).toBeDefined()
  expect(atPhone.sessions.with(laptop.keys.id)).toBeDefined()
  expect(atLaptop.sessions.since(phone.keys.id)).toBe(since)
  const heard = Promise.withResolvers<void>()
  phone.roster.onChange(() => {
    if (phone.roster.device(phone.keys.id)?.name === 'telephone') heard.resolve()
  })
  await laptop.roster.rename(phone.keys.id, 'telephone')
  await heard.promise

  await first.breaks()
  expect(atLaptop.sessions.with(phone.keys.id)).toBeUndefined()
  expect(atLaptop.sessions.all()).toEqual([])
})

test('a device that is not of the vault is not talked to', async () => {
  const laptop = await firstDevice('laptop')
  const [here] = memoryChannelPair({ peers: ['peer-laptop', 'peer-stranger'] })
  await expect(sessionsOf(laptop).sessions.talk(here)).rejects.toMatchObject({ code: 'ERR_NOT_A_MEMBER' })
})

test('when the device stops, its connections end', async () => {
  const laptop = await firstDevice('laptop')
  const phone = await pairedWith(laptop, 'phone')
  const [atLaptop, atPhone] = [sessionsOf(laptop), sessionsOf(phone)]
  await connect(atLaptop, atPhone).greeted
  atLaptop.stop.abort()
  await atLaptop.sessions.ended()
  expect(atLaptop.sessions.all()).toEqual([])
})
