import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** What is not the public internet (IANA special-purpose registry, RFC 6890, and multicast). */
const SPECIAL_IPV4: readonly (readonly [address: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
/** The only part of IPv6 that is routed everywhere. */
const GLOBAL_IPV6: readonly (readonly [address: string, prefix: number])[] = [['2000::', 3]]
/** Parts of it that are not, or that carry an IPv4 address within: protocol assignments, examples, 6to4. */
const SPECIAL_IPV6: readonly (readonly [address: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const special = new BlockList()
for (const [address, prefix] of SPECIAL_IPV4) special.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of SPECIAL_IPV6) special.addSubnet(address, prefix, 'ipv6')
const global = new BlockList()
for (const [address, prefix] of GLOBAL_IPV6) global.addSubnet(address, prefix, 'ipv6')

/**
 * True for an address of the public internet: not this machine, its network, a cloud's metadata service, or an IPv4
 * address dressed as IPv6. A name that a stranger chose may resolve to any of these.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4')
  return isIPv6(address) && global.check(address, 'ipv6') && !special.check(address, 'ipv6')
}
