import { fail } from 'node:assert'
import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { lookAtReplica, makeReplicaSecret, recoverReplicaSecret } from '../src/index.ts'
import { cryptography, person } from './support/people.ts'
import { unsafeTestingStorage } from './support/storages.ts'

it('what a laptop pushed, a fresh device restores: every frame and the keyring', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  await laptop.write(50_000, 100, 60_000, 4000)
  laptop.keyring.held = nodeRandom(5000)
  const pushed = await laptop.replica(storage, secret).push()
  const fresh = await ana.device()
  const pulled = await fresh.replica(storage, secret).pull()

  expect(pushed.packs).toBeGreaterThan(0)
  expect(pulled).toMatchObject({ problems: [], behind: {} })
  expect(fresh.log.heads()[laptop.id]).toEqual(laptop.log.heads()[laptop.id])
  expect(fresh.keyring.held).toEqual(laptop.keyring.held)
  expect(await laptop.replica(storage, secret).check()).toMatchObject({ ok: true, foreign: 0, unlisted: 0 })
  expect(await laptop.replica(storage, secret).push()).toMatchObject({ packs: 0, frames: 0 })
})

it('two devices that push at the same time, not knowing of each other, lose nothing', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const [laptop, phone] = [await ana.device(), await ana.device()]
  await laptop.write(1000, 2000)
  await phone.write(3000)
  await Promise.all([laptop.replica(storage, secret).push(), phone.replica(storage, secret).push()])
  const fresh = await ana.device()
  const { problems } = await fresh.replica(storage, secret).pull()

  expect(problems).toEqual([])
  expect(fresh.log.heads()).toEqual({ ...laptop.log.heads(), ...phone.log.heads() })
})

it('two replicas of a vault share no 16 bytes nor a name, have three sizes only, and show nothing of what is in them', async () => {
  const [ana, left, right] = [person(), unsafeTestingStorage(), unsafeTestingStorage()]
  const laptop = await ana.device()
  await laptop.note('CANARY-OF-ANA')
  await laptop.write(60_000)
  for (const storage of [left, right]) {
    await laptop.replica(storage, makeReplicaSecret(nodeRandom)).push()
    for (const { length } of storage.objects.values()) expect(REPLICA_OBJECT_SIZES).toContain(length)
    const all = Buffer.concat([...storage.objects.values()])
    for (const canary of ['CANARY', laptop.id, ana.vault, 'frames', 'muniment']) {
      expect(all.indexOf(canary)).toBe(-1)
    }
  }
  const seen = new Set<string>()
  for (const bytes of left.objects.values()) {
    for (let at = 0; at + 16 <= bytes.length; at++)
      seen.add(Buffer.from(bytes.subarray(at, at + 16)).toString('latin1'))
  }
  for (const [name, bytes] of right.objects) {
    expect(left.objects.has(name)).toBe(false)
    for (let at = 0; at + 16 <= bytes.length; at++) {
      if (seen.has(Buffer.from(bytes.subarray(at, at + 16)).toString('latin1'))) fail('they share 16 bytes')
    }
  }
})

it('a replica that is put back to what it was is found out, and repaired', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(storage, secret)
  await laptop.write(1000)
  await replica.push()
  const before = new Map(storage.objects)
  await laptop.write(2000)
  await replica.push()
  storage.objects.clear()
  for (const [name, bytes] of before) storage.objects.set(name, bytes)

  await expect(replica.push()).rejects.toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
  expect((await replica.check()).problems.map(({ code }) => code)).toContain('rolled_back')
  await replica.repair()
  expect(await replica.check()).toMatchObject({ ok: true })
  const fresh = await ana.device()
  await fresh.replica(storage, secret).pull()
  expect(fresh.log.heads()).toEqual(laptop.log.heads())
})

it('a pack that is missing, altered, or swapped for another is named by a check, and written again by a repair', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(storage, secret)
  for (let push = 0; push < 4; push++) {
    await laptop.write(500)
    await replica.push()
  }
  const [first = '', second = '', third = '', fourth = ''] = [...storage.objects.keys()].filter(
    (name) => !name.startsWith('00'),
  )
  const [swap, other] = [storage.objects.get(third), storage.objects.get(fourth)]
  storage.objects.delete(first)
  storage.objects.get(second)?.fill(0, 100, 101)
  storage.objects.get(second)?.fill(255, 101, 103)
  if (swap && other) storage.objects.set(third, other).set(fourth, swap)
  const report = await replica.check()

  expect(report.missing).toEqual([first])
  expect([...report.damaged].sort()).toEqual([second, third, fourth].sort())
  await replica.repair()
  expect(await replica.check()).toMatchObject({ ok: true })
})

it('a keyring that is damaged, cut or gone is found by a check, and written again by a repair', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(storage, secret)
  laptop.keyring.held = nodeRandom(5000)
  await replica.push()
  const part = [...storage.objects.keys()].find((name) => !name.startsWith('00')) ?? ''
  const whole = storage.objects.get(part) ?? new Uint8Array(0)
  const altered = whole.map((byte, at) => (at === 500 ? byte ^ 1 : byte))
  for (const [bytes, code, deep] of [
    [altered, 'damaged_keyring', true],
    [whole.subarray(0, 99), 'damaged_keyring', false],
    [undefined, 'missing_keyring', false],
  ] as const) {
    storage.objects.delete(part)
    if (bytes) storage.objects.set(part, bytes)
    expect((await replica.check({ deep })).problems.map((problem) => problem.code)).toEqual([code])
    await replica.repair()
    expect(await replica.check()).toMatchObject({ ok: true, problems: [] })
    storage.objects.set(part, whole)
  }
})

it('two vaults in one place do not disturb each other', async () => {
  const [ana, bob, storage] = [person(), person(), unsafeTestingStorage()]
  const [hers, his] = [await ana.device(), await bob.device()]
  const [herSecret, hisSecret] = [makeReplicaSecret(nodeRandom), makeReplicaSecret(nodeRandom)]
  await hers.write(100)
  await his.write(200)
  await hers.replica(storage, herSecret).push()
  await his.replica(storage, hisSecret).push()

  expect((await hers.replica(storage, herSecret).check()).ok).toBe(true)
  expect((await lookAtReplica({ cryptography, storage }, herSecret))?.vault).toBe(ana.vault)
  const fresh = await bob.device()
  await fresh.replica(storage, hisSecret).pull()
  expect(Object.keys(fresh.log.heads())).toEqual([his.id])
})

it('a recovery key finds the secret on the replica, another key finds nothing, and a new list replaces the old', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(storage, secret)
  await replica.push()
  const [kit, newKit] = [nodeRandom(32), nodeRandom(32)]
  await replica.admit([kit, nodeRandom(32)])

  expect(await recoverReplicaSecret({ cryptography, storage }, kit)).toEqual(secret)
  expect(await recoverReplicaSecret({ cryptography, storage }, nodeRandom(32))).toBeUndefined()
  await replica.admit([newKit])
  expect(await recoverReplicaSecret({ cryptography, storage }, newKit)).toEqual(secret)
  expect(await recoverReplicaSecret({ cryptography, storage }, kit)).toBeUndefined()
})

it('what was dropped from the log is dropped from the replica, and the chain still restores', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(storage, secret)
  await laptop.write(500, 600)
  await replica.push()
  const before = [...storage.objects.keys()].filter((name) => !name.startsWith('00'))
  await laptop.log.dropPayloads(laptop.id, [2])
  await replica.forget({ [laptop.id]: [2] })

  for (const name of before) expect(storage.objects.has(name)).toBe(false)
  expect(await replica.check()).toMatchObject({ ok: true })
  const fresh = await ana.device()
  await fresh.replica(storage, secret).pull()
  expect(fresh.log.heads()).toEqual(laptop.log.heads())
})

it('a replica of many packs lists them in indexes, and is checked and restored whole', async () => {
  const [ana, storage, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(storage, secret)
  for (let push = 0; push < 150; push++) {
    await laptop.write(10)
    await replica.push()
  }
  expect(await laptop.replica(storage, secret).check()).toMatchObject({ ok: true, packs: 150 })
  const heads = [...storage.objects.keys()].filter((name) => name.startsWith('00'))
  expect(heads.length).toBeLessThanOrEqual(2)
  const fresh = await ana.device()
  expect((await fresh.replica(storage, secret).pull()).problems).toEqual([])
  expect(fresh.log.heads()).toEqual(laptop.log.heads())
})
