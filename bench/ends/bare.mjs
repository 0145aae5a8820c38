/** A process with nothing in it but Node and the bench's own channel. */
export function status() {
  return { at: process.hrtime.bigint().toString(), rss: process.memoryUsage.rss() }
}
