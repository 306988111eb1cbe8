/** Today is the company's: one function asks what day it is. */
import { describe, expect, test, vi } from 'vitest'
import { today } from './format'

const sources = import.meta.glob<string>('/src/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true })

test('nobody else asks what day it is', () => {
  const guilty = Object.entries(sources)
    .filter(([path]) => !path.includes('.test.') && !path.includes('/test/') && path !== '/src/shared/format.ts')
    .filter(([, text]) => /new Date\(\)|Date\(Date\.now\(\)\)|useDateFormat|toLocaleDateString/.test(text))
    .map(([path]) => path)
  expect(guilty).toEqual([])
})

describe.each([
  ['Pacific/Kiritimati', '2026-11-26T09:30:00Z', '2026-11-26T10:30:00Z'],
  ['Pacific/Apia', '2026-11-26T10:30:00Z', '2026-11-26T11:30:00Z'],
  ['Pacific/Honolulu', '2026-11-27T09:30:00Z', '2026-11-27T10:30:00Z'],
  ['America/Los_Angeles', '2026-11-27T07:30:00Z', '2026-11-27T08:30:00Z'],
  ['Europe/Berlin', '2026-11-26T22:30:00Z', '2026-11-26T23:30:00Z'],
  ['Australia/Lord_Howe', '2026-11-26T12:30:00Z', '2026-11-26T13:30:00Z'],
])('in %s', (zone, late, early) => {
  test.each([['23:30', late, '2026-11-26'], ['00:30', early, '2026-11-27']])('it is the day of the company at %s', (_, moment, day) => {
    vi.useFakeTimers({ now: new Date(moment) })
    expect(today(zone)).toBe(day)
    vi.useRealTimers()
  })
})
