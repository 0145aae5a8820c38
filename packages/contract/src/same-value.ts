/** Equal as JSON values, whatever the order of members. */
export function isSameValue(left: unknown, right: unknown): boolean {
  return left === right || sortedText(left) === sortedText(right)
}

function sortedText(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
}
