/** True for a day that exists, in the years 1 to 9999. */
export function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day <= (lengths[month - 1] ?? 0)
}

/** True for a time of day. A leap second (60) is one. */
export function isTimeOfDay(hours: number, minutes: number, seconds: number): boolean {
  return hours <= 23 && minutes <= 59 && seconds <= 60
}

/** A date, with the instant when the file states one. Both ISO 8601. */
export interface BankDate {
  /** `2026-03-01`: the day as the bank wrote it, whatever the zone. */
  readonly date: string
  /** `2026-03-01T10:15:00-05:00`, when a time of day other than midnight is stated. */
  readonly instant?: string
}
