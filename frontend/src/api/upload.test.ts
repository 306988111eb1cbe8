import { afterEach, expect, test, vi } from 'vitest'
import { provideTokens } from './client'
import { ApiProblem, Unreachable } from './problem'
import { upload } from './upload'

interface Answer {
  status: number
  body: string
}

/** A server that gives these responses in order; null stands for no response. */
function answering(...answers: (Answer | null)[]) {
  const asked: { url: string; headers: Record<string, string> }[] = []
  class FakeRequest {
    upload: { onprogress?: (event: { loaded: number; total: number }) => void; onload?: () => void } = {}
    onload?: () => void
    onerror?: () => void
    onabort?: () => void
    status = 0
    statusText = ''
    responseText = ''
    private readonly sent = { url: '', headers: {} as Record<string, string> }
    open(_method: string, url: string): void {
      this.sent.url = url
    }
    setRequestHeader(name: string, value: string): void {
      this.sent.headers[name] = value
    }
    getResponseHeader(): null {
      return null
    }
    abort(): void {
      this.onabort?.()
    }
    send(): void {
      const answer = answers[asked.length]
      asked.push(this.sent)
      this.upload.onprogress?.({ loaded: 1, total: 4 })
      if (answer === undefined) return
      this.upload.onload?.()
      if (answer === null) return this.onerror?.()
      this.status = answer.status
      this.responseText = answer.body
      this.onload?.()
    }
  }
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
  return asked
}

const sending = { path: '/api/contacts/import', query: { dry_run: 'true', on_duplicate: undefined }, form: new FormData() }
const good = { status: 200, body: '{"created": 2}' }
const unauthorized = { status: 401, body: '{"title": "Unauthorized", "code": "token_expired"}' }

afterEach(() => {
  vi.unstubAllGlobals()
  provideTokens({ current: () => null, renewed: () => Promise.resolve(null) })
})

test('a file sent with a token that has just run out is sent again with the next one', async () => {
  provideTokens({ current: () => 'old', renewed: (refused) => Promise.resolve(`after ${refused}`) })
  const asked = answering(unauthorized, good)
  expect(await upload(sending)).toEqual({ created: 2 })
  expect(asked.map(({ headers }) => headers.Authorization)).toEqual(['Bearer old', 'Bearer after old'])
  expect(asked[0]?.url).toBe('/api/contacts/import?dry_run=true')
})

test('when nobody is signed in any more it is refused once, as the server said', async () => {
  provideTokens({ current: () => 'old', renewed: () => Promise.resolve(null) })
  const asked = answering(unauthorized)
  await expect(upload(sending)).rejects.toMatchObject({ status: 401, code: 'token_expired' })
  expect(asked).toHaveLength(1)
})

test('what a proxy answers in its own words is a problem with its status', async () => {
  answering({ status: 502, body: '<html>Bad gateway</html>' })
  const error: unknown = await upload(sending).catch((problem: unknown) => problem)
  expect(error).toBeInstanceOf(ApiProblem)
  expect(error).toMatchObject({ status: 502, code: 'unknown' })
})

test('no answer at all is told apart from a refusal', async () => {
  answering(null)
  await expect(upload(sending)).rejects.toBeInstanceOf(Unreachable)
})

test('it tells how much is on its way, and can be called off', async () => {
  answering()
  const control = new AbortController()
  const parts: number[] = []
  const pending = upload({ ...sending, signal: control.signal, onSent: (part) => parts.push(part) })
  control.abort()
  await expect(pending).rejects.toMatchObject({ name: 'AbortError' })
  expect(parts).toEqual([0.25])
})
