import { expect, test } from 'vitest'

const sources = import.meta.glob('./{api,shared}/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>
const BELOW = ['api', 'shared', 'entities', 'i18n', 'test']

/** The top-level folders a file imports statically. */
function importsOf(text: string): string[] {
  return [...text.matchAll(/^(?:import|export|\} from)\b.*?'@\/(\w+)/gm)].map((match) => match[1] ?? '')
}

test('api/ and shared/ import no feature', () => {
  expect(Object.keys(sources).length).toBeGreaterThan(50)
  const upward = Object.entries(sources).flatMap(([file, text]) =>
    importsOf(text).filter((folder) => !BELOW.includes(folder)).map((folder) => `${file}: ${folder}`),
  )
  expect(upward).toEqual([])
})

test('entities.ts imports features only when they are needed', async () => {
  const { default: text } = (await import('./entities.ts?raw')) as { default: string }
  expect(importsOf(text)).toEqual(['api'])
})
