import { expect, it } from 'vitest'
import { ERROR_CODES, isMunimentError, MunimentError } from '../src/index.ts'

it('keeps its code and its cause, so that a program can tell what broke', () => {
  const cause = new TypeError('underneath')
  const error = new MunimentError('ERR_STORE_LOCKED', 'another process has this vault open', { cause })
  expect(isMunimentError(error, 'ERR_STORE_LOCKED')).toBe(true)
  expect(isMunimentError(error, 'ERR_STORE_FULL')).toBe(false)
  expect(isMunimentError(cause)).toBe(false)
  expect(error.cause).toBe(cause)
})

it('names every code once', () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
})
