import { type BankDate, isDay, isTimeOfDay } from '../values/calendar.ts'
import { notParsed, type Parsed, parsed } from '../values/parsed.ts'

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/

/**
 * Reads an ISODate or ISODateTime (XML Schema `date` and `dateTime`). The date is the day as written. A time without
 * a zone stays without one: ISO 20022 calls it local time. 24:00:00 and midnight give a date only.
 */
export function parseCamtDate(text: string): Parsed<BankDate> {
  const match = FORM.exec(text.trim())
  if (match === null) return notParsed('the date is not written as YYYY-MM-DD')
  const [, year = '', month = '', day = '', hours, minutes, seconds, fraction, zone = ''] = match
  if (!isDay(Number(year), Number(month), Number(day)))
    return notParsed('the date names a day that does not exist')
  const date = `${year}-${month}-${day}`
  const time = `${hours}:${minutes}:${seconds}`
  const isTime = hours !== undefined && isTimeOfDay(Number(hours), Number(minutes), Number(seconds))
  if (!isTime || time === '00:00:00') return parsed({ date })
  const part = fraction === undefined || /^0+$/.test(fraction) ? '' : `.${fraction}`
  return parsed({ date, instant: `${date}T${time}${part}${zone}` })
}
