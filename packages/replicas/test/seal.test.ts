import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { objectName } from '../src/object-name.ts'
import { replicaKeys } from '../src/replica-keys.ts'
import { openObject, sealObject } from '../src/sealed-object.ts'
import { cryptography } from './support/people.ts'

const components = { cryptography, random: nodeRandom }

it('an object opens under the name it was sealed for, and under no other', () => {
  const keys = replicaKeys(cryptography, nodeRandom(32))
  const content = nodeRandom(1000)
  const name = objectName(cryptography, keys, { content, isHead: false })
  const sealed = sealObject(components, keys, { name, content })

  expect(REPLICA_OBJECT_SIZES).toContain(sealed.length)
  expect(openObject(cryptography, keys, name, sealed)).toEqual(content)
  const other = objectName(cryptography, keys, { content: nodeRandom(1000), isHead: false })
  const open = { code: 'ERR_REPLICA_DAMAGED' }
  expect(() => openObject(cryptography, keys, other, sealed)).toThrow(expect.objectContaining(open))
  const strange = replicaKeys(cryptography, nodeRandom(32))
  expect(() => openObject(cryptography, strange, name, sealed)).toThrow(expect.objectContaining(open))
})

it('no object shows how much is in it, nor that two hold the same', () => {
  const keys = replicaKeys(cryptography, nodeRandom(32))
  const name = 'ab'.repeat(32)
  const seal = (length: number): Uint8Array =>
    sealObject(components, keys, { name, content: new Uint8Array(length) })
  expect(new Set([0, 1, 1000, 32_000].map((length) => seal(length).length)).size).toBe(1)
  const [one, other] = [Buffer.from(seal(1000)), Buffer.from(seal(1000))]
  for (let at = 0; at + 16 <= one.length; at += 16) expect(other.indexOf(one.subarray(at, at + 16))).toBe(-1)
})
