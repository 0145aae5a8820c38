const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
])

/**
 * Decodes the five references of XML, `&nbsp;` (OFX 2.3, section 2.3.2.1) and character numbers, once. Any other
 * ampersand stands for itself, as banks write `AT&T`.
 */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return NAMED.get(name.toLowerCase()) ?? whole
    return (
      character(typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)) ?? whole
    )
  })
}

function character(code: number): string | undefined {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code === 0 || code > 0x10_ffff || isSurrogate ? undefined : String.fromCodePoint(code)
}
