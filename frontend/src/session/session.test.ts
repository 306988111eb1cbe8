import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SessionServer } from '@/test/sessionServer'
import { openBrowser, openTab } from '@/test/tabs'

const anew = vi.hoisted(() => ({ reloadAt: vi.fn(() => Promise.resolve()) }))
vi.mock('./reload', () => anew)

const REFRESH = 'POST /api/sessions/refresh'
let server: SessionServer

beforeEach(() => {
  server = new SessionServer()
  openBrowser(server.answer)
  localStorage.setItem('crmtenant.signed-in', '1')
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  anew.reloadAt.mockClear()
})

async function startedTab() {
  const tab = await openTab()
  await tab.session.start()
  return tab
}

const contacts = ({ api }: Awaited<ReturnType<typeof openTab>>) => api.GET('/api/contacts')

describe('starting', () => {
  test('a first visit asks the server nothing', async () => {
    localStorage.clear()
    const { session } = await startedTab()
    expect(session.isSignedIn).toBe(false)
    expect(server.asked).toEqual([])
  })

  test('who was signed in is, and who asks twice asks once', async () => {
    const { session } = await openTab()
    await Promise.all([session.start(), session.start()])
    expect(session.companyId).toBe('c_blue')
    expect(session.may('contact:read')).toBe(true)
    expect(server.asked).toEqual([REFRESH, 'GET /api'])
  })

  test('of three tabs that start at once one asks, and all know who is signed in', async () => {
    const tabs = [await openTab(), await openTab(), await openTab()]
    await Promise.all(tabs.map(({ session }) => session.start()))
    expect(tabs.map(({ session }) => session.userId)).toEqual(['u_ada', 'u_ada', 'u_ada'])
    expect(server.count(REFRESH)).toBe(1)
  })

  test('another document is just using the refresh token: it is tried again', async () => {
    server.refusals = [409, 409]
    const { session } = await startedTab()
    expect(session.isSignedIn).toBe(true)
    expect(server.count(REFRESH)).toBe(3)
  })

  test('a server that cannot be reached signs nobody out, and can be asked again', async () => {
    server.isReachable = false
    const { session } = await openTab()
    await expect(session.start()).rejects.toThrow('unreachable')
    server.isReachable = true
    await session.start()
    expect(session.isSignedIn).toBe(true)
  })

  test.each([401, 403])('a refresh that is refused with %i is a sign-in that is over', async (status) => {
    server.refusals = [status]
    const { session, tokens } = await startedTab()
    expect(session.isSignedIn).toBe(false)
    expect(tokens.mayBeSignedIn()).toBe(false)
  })

  test.each([500, 503])('a refresh that fails with %i is not', async (status) => {
    server.refusals = [status]
    const { session, tokens } = await openTab()
    await expect(session.start()).rejects.toMatchObject({ status })
    expect(tokens.mayBeSignedIn()).toBe(true)
  })
})

describe('renewing', () => {
  test('several requests that are refused at once are answered after one renewal', async () => {
    const tab = await startedTab()
    server.expire()
    const answers = await Promise.all([contacts(tab), contacts(tab), contacts(tab)])
    expect(answers.map(({ response }) => response.status)).toEqual([200, 200, 200])
    expect(server.count(REFRESH)).toBe(2)
  })

  test('the other tab uses the token this one got', async () => {
    const tabs = [await startedTab(), await startedTab()] as const
    server.expire()
    await contacts(tabs[0])
    await contacts(tabs[1])
    expect(server.count(REFRESH)).toBe(3)
    expect(server.count('GET /api/contacts')).toBe(3)
  })

  test('two tabs that are refused at once renew once', async () => {
    const tabs = [await startedTab(), await startedTab()] as const
    server.expire()
    const before = server.count(REFRESH)
    await Promise.all(tabs.map((tab) => contacts(tab)))
    expect(server.count(REFRESH)).toBe(before + 1)
  })

  test('a minute before it runs out the token is renewed', async () => {
    vi.useFakeTimers()
    await startedTab()
    await vi.advanceTimersByTimeAsync(839_000)
    expect(server.count(REFRESH)).toBe(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.count(REFRESH)).toBe(2)
  })

  test('offline in mid-work fails what was asked and signs nobody out', async () => {
    const tab = await startedTab()
    server.expire()
    server.isReachable = false
    await expect(contacts(tab)).rejects.toThrow('unreachable')
    expect(tab.session.isSignedIn).toBe(true)
  })

  test('a fresh token that is refused too ends in a refusal, not in waiting for oneself', async () => {
    const tab = await startedTab()
    vi.stubGlobal('fetch', async (request: Request) => {
      const answer = await server.answer(request)
      server.expire()
      return answer
    })
    server.expire()
    expect((await contacts(tab)).response.status).toBe(401)
  })
})

describe('leaving', () => {
  test('a sign-in that is over is over in all tabs, which may come back', async () => {
    const tabs = [await startedTab(), await startedTab()] as const
    tabs[1].queries.setQueryData(['c_blue', 'contacts'], ['Ben Cole'])
    server.expire()
    server.hasCookie = false
    expect((await contacts(tabs[0])).response.status).toBe(401)
    await vi.waitFor(() => expect(tabs[1].session.isSignedIn).toBe(false))
    expect(tabs.map(({ session }) => session.hasLeft)).toEqual([false, false])
    expect(tabs[1].queries.getQueryCache().getAll()).toEqual([])
  })

  test('signing out tells all tabs, and that it was meant', async () => {
    const tabs = [await startedTab(), await startedTab()] as const
    await tabs[0].session.signOut()
    await vi.waitFor(() => expect(tabs[1].session.isSignedIn).toBe(false))
    expect(tabs.map(({ session }) => session.hasLeft)).toEqual([true, true])
    expect(tabs[0].tokens.mayBeSignedIn()).toBe(false)
  })

  test('what is asked afterwards renews nothing', async () => {
    const tab = await startedTab()
    await tab.session.signOut()
    expect((await contacts(tab)).response.status).toBe(401)
    expect(server.count(REFRESH)).toBe(1)
  })

  test('an answer that comes after signing out signs nobody in', async () => {
    const tab = await startedTab()
    const pending = tab.session.reload()
    tab.tokens.closeSession(true)
    await pending
    expect(tab.session.isSignedIn).toBe(false)
  })

  test('signed out without a connection: out here at once, and there before anything else is done', async () => {
    const tab = await startedTab()
    server.isReachable = false
    await expect(tab.session.signOut()).rejects.toThrow('unreachable')
    expect(tab.session.isSignedIn).toBe(false)
    server.isReachable = true
    const next = await startedTab()
    expect(next.session.isSignedIn).toBe(false)
    expect(server.hasCookie).toBe(false)
    await next.session.signIn('ada@example.com', 'seven green umbrellas')
    await startedTab()
    expect(server.hasCookie).toBe(true)
  })
})

describe('another company, another person', () => {
  test('switching loads every tab anew, with nothing of the old company in it', async () => {
    const tabs = [await startedTab(), await startedTab()] as const
    for (const { queries } of tabs) queries.setQueryData(['c_blue', 'contacts'], ['Ben Cole'])
    await tabs[0].session.switchTo('c_red')
    await vi.waitFor(() => expect(anew.reloadAt).toHaveBeenCalledTimes(2))
    for (const { queries, session } of tabs) {
      expect(queries.getQueryCache().getAll()).toEqual([])
      expect(session).toMatchObject({ isSignedIn: false, isMoving: true })
    }
  })

  test('what was begun for the old company is not sent to the new one', async () => {
    const tabs = [await startedTab(), await startedTab()] as const
    await tabs[0].session.switchTo('c_red')
    for (const tab of tabs) {
      const { data, response } = await contacts(tab)
      expect([response.status, data]).toEqual([401, undefined])
    }
  })

  test('nor is it when the switch is noticed only by a refused token', async () => {
    const tab = await startedTab()
    server.expire()
    server.place = { user: 'u_ada', company: 'c_red' }
    expect((await contacts(tab)).response.status).toBe(401)
    expect(anew.reloadAt).toHaveBeenCalledOnce()
  })

  test('the same person comes back to the same page, somebody else to a new one', async () => {
    const { session } = await startedTab()
    await session.signOut()
    await session.signIn('ada@example.com', 'seven green umbrellas')
    expect(session.isSignedIn).toBe(true)
    expect(anew.reloadAt).not.toHaveBeenCalled()
    await session.signOut()
    server.place = { user: 'u_kim', company: 'c_blue' }
    await session.signIn('kim@example.com', 'seven green umbrellas')
    expect(anew.reloadAt).toHaveBeenCalledOnce()
  })

  test('a tab where nobody was signed in hears that somebody is', async () => {
    localStorage.clear()
    server.hasCookie = false
    const tabs = [await startedTab(), await startedTab()] as const
    await tabs[0].session.signIn('ada@example.com', 'seven green umbrellas')
    await vi.waitFor(() => expect(tabs[1].session.userId).toBe('u_ada'))
  })
})
