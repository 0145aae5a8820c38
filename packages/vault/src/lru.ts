/** A map that keeps what was used last, and so many of it. */
export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  clear(): void
}

/** Keeps the `size` values that were used last. */
export function lru<V>(size: number): Lru<V> {
  const values = new Map<string, V>()
  return {
    get(key) {
      const value = values.get(key)
      if (value === undefined) return undefined
      values.delete(key)
      values.set(key, value)
      return value
    },
    set(key, value) {
      values.delete(key)
      values.set(key, value)
      if (values.size <= size) return
      const oldest = values.keys().next()
      if (!oldest.done) values.delete(oldest.value)
    },
    delete: (key) => void values.delete(key),
    clear: () => values.clear(),
  }
}
