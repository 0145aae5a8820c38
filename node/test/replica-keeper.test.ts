import { afterEach, expect, test } from 'vitest'
import { FIRST_RETRY, LONGEST_RETRY, LONGEST_WAIT, QUIET_TIME } from '../src/person/replicas/constants.ts'
import { keepReplicas, type ReplicaKeeper } from '../src/person/replicas/replica-keeper.ts'
import { type TestingClock, unsafeTestingClock } from './support/testing-clock.ts'

interface Scene {
  readonly clock: TestingClock
  readonly keeper: ReplicaKeeper
  readonly pushed: string[]
  /** Replicas that there are. */
  readonly names: string[]
  /** Replicas that lack something. */
  readonly due: Set<string>
  /** What the next pushes meet; afterwards they succeed. */
  readonly troubles: Error[]
  readonly change: () => Promise<void>
  readonly pass: (time: number) => Promise<void>
}

const running: ReplicaKeeper[] = []

afterEach(async () => {
  for (const keeper of running.splice(0)) await keeper.stop()
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function scene(names: string[]): Promise<Scene> {
  const clock = unsafeTestingClock()
  const [pushed, due, troubles]: [string[], Set<string>, Error[]] = [[], new Set(), []]
  const keeper = keepReplicas({
    clock,
    replicas: async () => [...names],
    isDue: (name) => due.has(name),
    async push(name) {
      pushed.push(name)
      const trouble = troubles.shift()
      if (trouble) throw trouble
      due.delete(name)
    },
  })
  running.push(keeper)
  await settle()
  return {
    clock,
    keeper,
    pushed,
    names,
    due,
    troubles,
    async change() {
      for (const name of names) due.add(name)
      keeper.changed()
      await settle()
    },
    async pass(time) {
      clock.advance(time)
      await settle()
    },
  }
}

test('changes that come one after the other are pushed once, when they have stopped', async () => {
  const { pushed, change, pass } = await scene(['folder'])
  await change()
  await pass(QUIET_TIME - 1)
  await change()
  await pass(1)
  expect(pushed).toEqual([])
  await pass(QUIET_TIME)
  expect(pushed).toEqual(['folder'])
  await pass(LONGEST_WAIT)
  expect(pushed).toEqual(['folder'])
})

test('changes that never stop are pushed all the same', async () => {
  const { pushed, change, pass } = await scene(['folder'])
  for (let time = 0; time < LONGEST_WAIT + QUIET_TIME; time += QUIET_TIME / 2) {
    await change()
    await pass(QUIET_TIME / 2)
  }
  expect(pushed.length).toBeGreaterThanOrEqual(1)
})

test('a replica that fails is tried again ever more slowly, and at once after it has worked', async () => {
  const { pushed, troubles, change, pass } = await scene(['folder'])
  troubles.push(...Array.from({ length: 12 }, () => new Error('the disk is not there')))
  await change()
  await pass(QUIET_TIME)
  expect(pushed.length).toBe(1)
  await pass(FIRST_RETRY - 1)
  expect(pushed.length).toBe(1)
  await pass(1)
  await pass(QUIET_TIME)
  expect(pushed.length).toBe(2)
  await pass(FIRST_RETRY)
  await pass(QUIET_TIME)
  expect(pushed.length).toBe(2)
  for (let tries = 3; tries <= 13; tries++) {
    await pass(LONGEST_RETRY)
    await pass(QUIET_TIME)
  }
  expect(pushed.length).toBe(13)
  await change()
  await pass(QUIET_TIME)
  expect(pushed.length).toBe(14)
})

test('a replica that fails keeps no other one waiting', async () => {
  const { pushed, troubles, change, pass } = await scene(['far', 'near'])
  troubles.push(new Error('unreachable'))
  await change()
  await pass(QUIET_TIME)
  expect(pushed).toEqual(['far', 'near'])
  await change()
  await pass(QUIET_TIME)
  expect(pushed).toEqual(['far', 'near', 'near'])
})

test('a replica that is added is pushed to, one that is removed is not', async () => {
  const { names, keeper, pushed, change, pass } = await scene(['old'])
  names.splice(0, 1, 'new')
  keeper.listChanged()
  await settle()
  await change()
  await pass(QUIET_TIME)
  expect(pushed).toEqual(['new'])
})
