import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { fileKeyring, openLevelStore } from 'muniment/store'
import { WRITTEN_KEY, rowValue } from './written-rows.ts'

/**
 * Writes rows into a store until told how many, several at a time, and notes each acknowledgement in a file beside it:
 * `r` and the number of a row, `k` and the number of a keyring. Run under strace, whose record is then replayed.
 */
const [, , folder = '', count = '0'] = process.argv
const LANES = 3
const REOPEN_EVERY = 150
const KEYRING_EVERY = 25

const acknowledgements = openSync(`${folder}.ack`, 'w')
const init = { key: WRITTEN_KEY, cryptography, random }
const keyring = fileKeyring(join(folder, 'keyring'), init)

let store = await openLevelStore(join(folder, 'store'), init)
for (let row = 0; row < Number(count); row += LANES) {
  const lanes = Array.from({ length: LANES }, (_, lane) => row + lane)
  await Promise.all(
    lanes.map(async (number) => {
      await store.commit([
        { table: 'log', key: number, value: rowValue(number) },
        { table: 'heads', key: 'last', value: Uint8Array.of(number >> 8, number & 0xff) },
      ])
      writeSync(acknowledgements, `r${number}\n`)
    }),
  )
  if (row % (KEYRING_EVERY * LANES) === 0) {
    await keyring.replace(rowValue(row))
    writeSync(acknowledgements, `k${row}\n`)
  }
  if (row % (REOPEN_EVERY * LANES) === 0 && row > 0) {
    await store.close()
    store = await openLevelStore(join(folder, 'store'), init)
  }
}
process.exit(0)
