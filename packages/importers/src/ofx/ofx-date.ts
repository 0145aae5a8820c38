import { type BankDate, isDay, isTimeOfDay } from '../values/calendar.ts'
import { notParsed, type Parsed, parsed } from '../values/parsed.ts'

const FORM = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?(?:[.,](\d{1,6}))?)?\s*(?:\[([^\]]*)\]?)?$/

/**
 * Reads `YYYYMMDD[HHMM[SS[.XXX]]][[offset:NAME]]` (OFX 2.3, section 3.2.8). The date is the day as written, which is
 * the day on the bank's own statement. Midnight, which banks write for "no time", gives no instant; a time without a
 * zone is GMT, as the section says.
 */
export function parseOfxDate(text: string): Parsed<BankDate> {
  const match = FORM.exec(text.trim())
  if (match === null) return notParsed('the date is not written as YYYYMMDD')
  const [, year = '', month = '', day = '', hours = '00', minutes = '00', seconds = '00', fraction, zone] =
    match
  if (!isDay(Number(year), Number(month), Number(day)))
    return notParsed('the date names a day that does not exist')
  const date = `${year}-${month}-${day}`
  const instant = ofxInstant({ date, hours, minutes, seconds, fraction, zone })
  return parsed(instant === undefined ? { date } : { date, instant })
}

interface OfxTime {
  readonly date: string
  readonly hours: string
  readonly minutes: string
  readonly seconds: string
  readonly fraction: string | undefined
  readonly zone: string | undefined
}

function ofxInstant({ date, hours, minutes, seconds, fraction, zone }: OfxTime): string | undefined {
  const offset = zoneOffset(zone)
  const isMidnight = `${hours}${minutes}${seconds}` === '000000'
  const isTime = isTimeOfDay(Number(hours), Number(minutes), Number(seconds))
  if (isMidnight || !isTime || offset === undefined) return undefined
  const part = fraction === undefined || /^0+$/.test(fraction) ? '' : `.${fraction}`
  return `${date}T${hours}:${minutes}:${seconds}${part}${offset}`
}

/** The offset in hours, such as `-5`, `+5.5` or `-3.50`, as ISO 8601 writes it; `undefined` when it is only a name. */
function zoneOffset(zone: string | undefined): string | undefined {
  if (zone === undefined || zone.trim() === '') return 'Z'
  const match = /^\s*([+-]?)(\d{1,2})(?:\.(\d{1,2}))?\s*(?::|$)/.exec(zone)
  if (match === null) return undefined
  const [, sign = '', hours = '0', fraction = '0'] = match
  const minutes = Math.round(Number(`0.${fraction}`) * 60)
  if (Number(hours) > 14 || minutes > 59) return undefined
  if (Number(hours) === 0 && minutes === 0) return 'Z'
  return `${sign === '-' ? '-' : '+'}${hours.padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}
