import { execFileSync, spawnSync } from 'node:child_process'

/** Hosts of their own on one link: network namespaces of Linux joined by a bridge. */
export interface Namespaces {
  /** The words that run a command on the host of this name. */
  on(host: string): string[]
  remove(): void
}

/** Makes the hosts, with addresses 10.78.0.1 and on. Throws one sentence when this machine cannot. */
export function makeNamespaces(hosts: readonly string[]): Namespaces {
  if (process.platform !== 'linux' || spawnSync('ip', ['-V']).status !== 0) {
    throw new Error('This test needs Linux and the command "ip" (apt-get install iproute2).')
  }
  if (process.getuid?.() !== 0) {
    throw new Error('This test makes network namespaces: run it as root.')
  }
  const prefix = `mun${process.pid}`
  const nameOf = (host: string): string => `${prefix}-${host}`
  const ip = (...words: string[]): void => {
    execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const link = nameOf('switch')
  const remove = (): void => {
    for (const host of [...hosts, 'switch']) spawnSync('ip', ['netns', 'del', nameOf(host)])
  }
  try {
    ip('netns', 'add', link)
    ip('-n', link, 'link', 'add', 'bridge', 'type', 'bridge')
    ip('-n', link, 'link', 'set', 'bridge', 'up')
    for (const [index, host] of hosts.entries()) {
      const namespace = nameOf(host)
      ip('netns', 'add', namespace)
      ip('-n', namespace, 'link', 'set', 'lo', 'up')
      ip(
        '-n',
        link,
        'link',
        'add',
        `port${index}`,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        namespace,
      )
      ip('-n', link, 'link', 'set', `port${index}`, 'master', 'bridge', 'up')
      ip('-n', namespace, 'addr', 'add', `10.78.0.${index + 1}/24`, 'dev', 'eth0')
      ip('-n', namespace, 'link', 'set', 'eth0', 'up')
      ip('-n', namespace, 'route', 'add', 'default', 'dev', 'eth0')
    }
  } catch (cause) {
    remove()
    throw new Error('This machine does not let this test make network namespaces.', { cause })
  }
  return { on: (host) => ['ip', 'netns', 'exec', nameOf(host)], remove }
}
