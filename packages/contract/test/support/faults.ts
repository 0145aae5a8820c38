import type { Channel, Store } from '@muniment/interface'
import type { DialProtocol, LedgerStore } from '../../src/index.ts'

/** A power cut at one moment: before or after the nth effect on disk or wire, whoever's it is. */
export interface UnsafeTestingPower {
  cutAt: number
  moments: number
}

export class PowerCut extends Error {}

function moment(power: UnsafeTestingPower): void {
  power.moments++
  if (power.moments === power.cutAt) throw new PowerCut(`at moment ${power.moments}`)
}

async function effect<T>(power: UnsafeTestingPower, act: () => Promise<T>): Promise<T> {
  moment(power)
  const result = await act()
  moment(power)
  return result
}

export function unsafeTestingStore(store: Store, power: UnsafeTestingPower): Store {
  return {
    get: (table, key) => store.get(table, key),
    list: (table, range) => store.list(table, range),
    listNames: (table) => store.listNames(table),
    commit: (changes) => effect(power, () => store.commit(changes)),
    purge: () => store.purge(),
    close: () => store.close(),
  }
}

export function unsafeTestingLedgerStore(store: LedgerStore, power: UnsafeTestingPower): LedgerStore {
  return {
    append: (relationship, entries) => effect(power, () => store.append(relationship, entries)),
    read: (relationship) => store.read(relationship),
    relationships: () => store.relationships(),
  }
}

export function unsafeTestingDial(dial: DialProtocol, power: UnsafeTestingPower): DialProtocol {
  return async (protocol) => {
    const channel: Channel = await dial(protocol)
    return {
      local: channel.local,
      remote: channel.remote,
      send: (message) => effect(power, () => channel.send(message)),
      receive: (options) => effect(power, () => channel.receive(options)),
      close: () => channel.close(),
      abort: (reason) => channel.abort(reason),
    }
  }
}
