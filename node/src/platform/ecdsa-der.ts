/** Bytes of r and of s in a P-256 signature. */
const PART = 32
const INTEGER = 0x02
const SEQUENCE = 0x30

/** The DER of an ECDSA signature (RFC 3279, section 2.2.3) that is given as r ∥ s (IEEE P1363), 64 bytes. */
export function ecdsaToDer(signature: Uint8Array): Uint8Array {
  const r = startOfNumber(signature, 0, PART)
  const s = startOfNumber(signature, PART, 2 * PART)
  const rPad = padOf(signature, r)
  const sPad = padOf(signature, s)
  const rLength = PART - r + rPad
  const sLength = 2 * PART - s + sPad
  const der = new Uint8Array(6 + rLength + sLength)
  der[0] = SEQUENCE
  der[1] = 4 + rLength + sLength
  der[2] = INTEGER
  der[3] = rLength
  der.set(signature.subarray(r, PART), 4 + rPad)
  der[4 + rLength] = INTEGER
  der[5 + rLength] = sLength
  der.set(signature.subarray(s), 6 + rLength + sPad)
  return der
}

/** r ∥ s, 64 bytes, of the DER of a P-256 signature that was just made here: not for DER that came from outside. */
export function ecdsaFromDer(der: Uint8Array): Uint8Array {
  const signature = new Uint8Array(2 * PART)
  const rEnd = 4 + (der[3] ?? 0)
  setNumber(signature, PART, der.subarray(4, rEnd))
  setNumber(signature, 2 * PART, der.subarray(rEnd + 2))
  return signature
}

/** Where a number begins without its leading zeros; one byte stays, also of zero. */
function startOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end - 1 && bytes[at] === 0) at++
  return at
}

/** One zero before a number whose first bit is set: without it, DER would read a negative one. */
function padOf(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) >> 7
}

/** Writes a DER number so that it ends at `end`, without the zero that may stand before it. */
function setNumber(signature: Uint8Array, end: number, number: Uint8Array): void {
  const digits = number.length > PART ? number.subarray(number.length - PART) : number
  signature.set(digits, end - digits.length)
}
