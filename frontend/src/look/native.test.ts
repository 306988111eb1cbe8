import { expect, test } from 'vitest'

const sources = import.meta.glob('../**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>
/** The initials in avatars may be smaller than any other text. */
const parts = Object.entries(sources).filter(([file]) => !file.endsWith('.test.ts') && !file.endsWith('/PersonAvatar.vue'))

test.each([
  ['a native select', /<select\b/],
  ['a native date or time input', /type="(?:date|time|datetime-local|month|week)"/],
  ["the browser's own dialogs", /\b(?:window\.)?(?:confirm|alert|prompt)\(/],
  ['text below 12 px', /text-\[1[01]px\]/],
])('no component has %s', (_, pattern) => {
  expect(parts.length).toBeGreaterThan(200)
  expect(parts.filter(([, text]) => pattern.test(text)).map(([file]) => file)).toEqual([])
})
