import { expect, test } from 'vitest'
import de from './de'
import en from './en'

const sources = import.meta.glob('../**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>

function keysOf(messages: object, prefix = ''): string[] {
  return Object.entries(messages).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !('body' in value) && !Array.isArray(value)
      ? keysOf(value, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  )
}

test('every message is there in every language', () => {
  expect(keysOf(de).sort()).toEqual(keysOf(en).sort())
})

test('every message that is written out in the source exists', () => {
  const known = new Set(keysOf(en))
  const used = Object.entries(sources)
    .filter(([file]) => !file.endsWith('.test.ts'))
    .flatMap(([, text]) => [...text.matchAll(/\bt\(\s*'([a-z_]+\.[a-z0-9_.]+)'/g)].map((match) => match[1] ?? ''))
  expect(used.length).toBeGreaterThan(20)
  expect([...new Set(used)].filter((key) => !known.has(key))).toEqual([])
})
