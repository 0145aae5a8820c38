/** Names that every system can extract: no folder, no hidden file, no letter that some system refuses. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/u

/**
 * Gives each key a file name of its own, without an ending: the key, with `_` for the colons of a DID, or `_1`, `_2` …
 * where that is no plain name or would be the same name in other letter case.
 */
export function fileNames(): (key: string) => string {
  const taken = new Set<string>()
  let others = 0
  return (key) => {
    const wanted = key.replaceAll(':', '_')
    const isPlain = PLAIN.test(wanted) && !taken.has(wanted.toLowerCase())
    const name = isPlain ? wanted : `_${++others}`
    taken.add(name.toLowerCase())
    return name
  }
}
