import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const NOT_LOADED = new TypeError('Failed to fetch dynamically imported module: http://127.0.0.1/assets/X.js')

let answers: { isOnline: boolean; document: string }
let parts: typeof import('./parts')

beforeEach(async () => {
  vi.resetModules()
  vi.useFakeTimers()
  answers = { isOnline: true, document: '<script type="module" src="/assets/index-1.js"></script>' }
  vi.spyOn(document, 'querySelector').mockReturnValue({ getAttribute: () => '/assets/index-1.js' } as unknown as Element)
  vi.stubGlobal('fetch', async () => {
    if (!answers.isOnline) throw new TypeError('Failed to fetch')
    return new Response(answers.document)
  })
  parts = await import('./parts')
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const failing = (times: number) => {
  let asked = 0
  return async () => {
    asked += 1
    if (asked <= times) throw NOT_LOADED
    return { default: 'part' }
  }
}

test('without a connection a part says so, waits, and comes with the connection', async () => {
  answers.isOnline = false
  const loaded = parts.patiently(failing(1))()
  await vi.advanceTimersByTimeAsync(7_000)
  expect(parts.partTrouble.value).toBe('offline')
  answers.isOnline = true
  window.dispatchEvent(new Event('online'))
  await vi.advanceTimersByTimeAsync(0)
  expect(await loaded).toEqual({ default: 'part' })
  expect(parts.partTrouble.value).toBeNull()
})

test('a hiccup is asked again at once', async () => {
  expect(await parts.patiently(failing(1))()).toEqual({ default: 'part' })
  expect(parts.partTrouble.value).toBeNull()
})

test.each([
  ['/assets/index-1.js', 'broken'],
  ['/assets/index-2.js', 'outdated'],
])('what is missing while the server answers with %s is %s', async (script, trouble) => {
  answers.document = `<script type="module" src="${script}"></script>`
  await expect(parts.patiently(failing(2))()).rejects.toBeInstanceOf(parts.PartMissing)
  expect(parts.partTrouble.value).toBe(trouble)
})

test('what a part throws when it starts is its own error', async () => {
  const error = new ReferenceError('x is not defined')
  await expect(parts.patiently(() => Promise.reject(error))()).rejects.toBe(error)
})

test('every part of the page is loaded patiently', () => {
  const sources = import.meta.glob('../**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>
  const found = Object.entries(sources)
    // entities.ts names what router.ts and SidePanel.vue load.
    .filter(([file]) => !/\.test\.ts$|\/entities\.ts$|\/parts\.ts$|^\.\.\/test\//.test(file))
    .flatMap(([file, text]) => [
      ...text.matchAll(/^.*\bdefineAsyncComponent\b.*$/gm),
      ...text.matchAll(/^(?!.*(?:part|patiently)\(\(\) => import\()(?!const fetchMenu).*\bimport\(.*$/gm),
    ].map(([line]) => `${file}: ${line}`))
  expect(found).toEqual([])
})
