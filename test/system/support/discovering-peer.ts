import { createNetwork } from 'muniment/network'
import { nodeClock as clock, nodeRandom as random } from 'muniment/platform'

/**
 * A device in a network namespace. It prints its peer id; with a service tag it looks for others by mDNS, greets whom
 * it finds and prints `greeted` and their peer id; `greeted by` and a peer id when it is greeted. It ends with its
 * standard input.
 */
const GREETING = '/muniment/test-greeting/1'
const [, , serviceTag] = process.argv
const greeted = new Set<string>()

const network = await createNetwork({
  transportKey: random(32),
  listen: ['/ip4/0.0.0.0/tcp/0'],
  clock,
  ...(serviceTag === undefined ? {} : { discovery: { serviceTag, onPeer: (found) => void greet(found) } }),
})
await network.serve(GREETING, async (channel) => {
  await channel.receive()
  console.log(`greeted by ${channel.remote}`)
})
console.log(`is ${network.peerId}`)
process.stdin.on('end', () => process.exit(0)).resume()

async function greet(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    if (address.includes('/127.0.0.1/')) continue
    const channel = await network.dial(address, GREETING)
    await channel.send(Uint8Array.of(1))
    await channel.close()
    if (!greeted.has(channel.remote)) console.log(`greeted ${channel.remote}`)
    greeted.add(channel.remote)
  }
}
