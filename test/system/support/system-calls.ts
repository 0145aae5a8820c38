/** What a recorded process did to its files, in order. */
export type FileCall =
  | { readonly type: 'create'; readonly path: string; readonly isFresh: boolean }
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'write'; readonly path: string; readonly bytes: Buffer }
  | { readonly type: 'sync'; readonly path: string }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'remove'; readonly path: string }

/** The calls that `strace` must record for {@link parseTrace}. */
export const TRACED =
  'openat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir'

/** Reads the record of `strace -f -y -xx`; calls below the given folder only. Throws for a call that it cannot replay. */
export function parseTrace(trace: string, folder: string): FileCall[] {
  const calls: FileCall[] = []
  const unfinished = new Map<string, string>()
  for (const line of trace.split('\n')) {
    const call = wholeCall(line, unfinished)
    if (call === undefined || / = -1 /.test(call)) continue
    const parsed = parseCall(call)
    if (parsed && touches(parsed, folder)) calls.push(parsed)
  }
  return calls
}

function wholeCall(line: string, unfinished: Map<string, string>): string | undefined {
  const matched = /^(?<pid>\d+)\s+(?<rest>.*)$/.exec(line)?.groups
  if (!matched) return undefined
  const { pid = '', rest = '' } = matched
  if (rest.endsWith('<unfinished ...>')) {
    unfinished.set(pid, rest.slice(0, -'<unfinished ...>'.length))
    return undefined
  }
  const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1]
  return resumed === undefined ? rest : (unfinished.get(pid) ?? '') + resumed
}

interface Arguments {
  readonly call: string
  readonly strings: readonly Buffer[]
  readonly descriptors: readonly string[]
}

type Reading = (parts: Arguments) => FileCall | undefined

const sync: Reading = ({ descriptors }) => ({ type: 'sync', path: descriptors[0] ?? '' })
const remove: Reading = ({ strings }) => ({ type: 'remove', path: String(strings[0]) })

const READINGS: Readonly<Record<string, Reading | undefined>> = {
  openat: ({ call, descriptors }) =>
    /O_CREAT/.test(call)
      ? { type: 'create', path: descriptors.at(-1) ?? '', isFresh: /O_TRUNC|O_EXCL/.test(call) }
      : undefined,
  write: ({ strings, descriptors }) => ({
    type: 'write',
    path: descriptors[0] ?? '',
    bytes: strings[0] ?? Buffer.alloc(0),
  }),
  fsync: sync,
  fdatasync: sync,
  rename: ({ strings }) => ({ type: 'rename', from: String(strings[0]), to: String(strings[1]) }),
  unlink: remove,
  rmdir: remove,
  mkdir: ({ strings }) => ({ type: 'folder', path: String(strings[0]) }),
}

function parseCall(call: string): FileCall | undefined {
  const name = /^(\w+)\(/.exec(call)?.[1] ?? ''
  const strings = quoted(call, /"(?<hex>(?:\\x[0-9a-f]{2})*)"/g)
  const descriptors = quoted(call, /<(?<hex>(?:\\x[0-9a-f]{2})+)>/g).map(String)
  const reading = READINGS[name]
  if (reading) return reading({ call, strings, descriptors })
  return { type: 'remove', path: `${descriptors[0] ?? String(strings[0])}?${name}` }
}

function touches(call: FileCall, folder: string): boolean {
  const path = call.type === 'rename' ? call.from : call.path
  if (path !== folder && !path.startsWith(`${folder}/`) && !path.startsWith(`${folder}.`)) return false
  const unknown = /\?(\w+)$/.exec(path)
  if (unknown) throw new Error(`this test cannot replay the system call ${unknown[1]}`)
  return true
}

/** The bytes of each hexadecimal string of this shape. */
function quoted(call: string, shape: RegExp): Buffer[] {
  return [...call.matchAll(shape)].map(({ groups }) =>
    Buffer.from((groups?.['hex'] ?? '').replaceAll(String.raw`\x`, ''), 'hex'),
  )
}
