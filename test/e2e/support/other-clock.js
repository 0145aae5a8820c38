// Preloaded into a process whose clock is wrong: by MUNIMENT_TEST_CLOCK_OFF milliseconds from its start, and by
// MUNIMENT_TEST_CLOCK_JUMP more after it gets SIGUSR2.
const right = Date.now
let off = Number(process.env.MUNIMENT_TEST_CLOCK_OFF ?? 0)
Date.now = () => right() + off
globalThis.Date = class extends Date {
  constructor(...parts) {
    if (parts.length === 0) super(Date.now())
    else super(...parts)
  }
}
if (process.env.MUNIMENT_TEST_CLOCK_JUMP) {
  process.on('SIGUSR2', () => (off += Number(process.env.MUNIMENT_TEST_CLOCK_JUMP)))
}
