/** The current person, company and permissions. All other server state lives in queries. */
import { useQueryClient } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, nextTick, ref } from 'vue'
import { api, body, type Schemas } from '@/api/client'
import { provideScope } from '@/api/scope'
import { forgetDrafts } from '@/shared/drafts'
import { reloadAt } from './reload'
import { endSession, retryOwedSignOut } from './signOut'
import { closeSession, mayBeSignedIn, openSession, resumeSession, subscribeToSession, type Opened } from './tokens'

export type WhoAmI = Schemas['WhoAmI']
export type Permission = Schemas['Permission']
export type CompanyChoice = Schemas['CompanyWithRole']

export const useSession = defineStore('session', () => {
  const queries = useQueryClient()
  const who = ref<WhoAmI | null>(null)
  const companies = ref<readonly CompanyChoice[]>([])
  /** Whether the person signed out deliberately, so that they are not asked to return. */
  const hasLeft = ref(false)
  /** Whether the page is about to be reloaded for another company or person. */
  const isMoving = ref(false)
  let starting: Promise<void> | null = null
  let entering: Promise<void> | null = null
  /** Counts sign-ins, so that a response arriving after a sign-out is ignored. */
  let visit = 0
  /** Where the page continues after a reload. */
  let destination = '/'

  const isSignedIn = computed(() => who.value !== null)
  const companyId = computed(() => who.value?.company.id ?? '')
  const userId = computed(() => who.value?.user.id ?? '')
  /** The person as somebody who can be given work; support cannot. */
  const selfIds = computed(() => (who.value && who.value.via !== 'support' ? [who.value.user.id] : []))
  const permissions = computed(() => new Set<string>(who.value?.permissions ?? []))

  provideScope({
    get companyId() {
      return companyId.value
    },
    get timeZone() {
      // The server counts the days of a company without a zone in UTC.
      return who.value ? (who.value.company.time_zone ?? 'UTC') : undefined
    },
    get country() {
      return who.value?.company.country ?? undefined
    },
  })
  subscribeToSession({ entered, moved, left })
  window.addEventListener('online', () => void retryOwedSignOut().catch(() => undefined))

  function left(byChoice: boolean): void {
    hasLeft.value = byChoice
    if (byChoice) forgetDrafts(userId.value)
    forget()
  }

  function forget(): void {
    visit += 1
    entering = null
    who.value = null
    companies.value = []
    queries.clear()
  }

  async function moved(): Promise<void> {
    isMoving.value = true
    forget()
    // Unmounts everything that would ask about unsaved changes.
    await nextTick()
    await reloadAt(destination)
  }

  async function entered(session: Opened): Promise<void> {
    hasLeft.value = false
    companies.value = session.companies
    if (who.value !== null) return
    entering ??= reload().finally(() => (entering = null))
    await entering
  }

  /** Reloads company, role and permissions. */
  async function reload(): Promise<void> {
    const mine = visit
    const answer = await body(api.GET('/api'))
    if (mine === visit) who.value = answer
  }

  /** Determines whether somebody is signed in; requested once for all callers. */
  function start(): Promise<void> {
    starting ??= begin().catch((error: unknown) => {
      starting = null
      throw error
    })
    return starting
  }

  async function begin(): Promise<void> {
    await retryOwedSignOut()
    if (mayBeSignedIn()) await resumeSession()
  }

  async function signIn(email: string, password: string): Promise<void> {
    await retryOwedSignOut()
    await openSession(await body(api.POST('/api/sessions', { body: { email, password } })))
  }

  async function register(draft: Schemas['RegistrationDraft']): Promise<void> {
    await retryOwedSignOut()
    const session = await body(api.POST('/api/registrations', { body: draft }))
    await openSession({ ...session, companies: [{ ...session.company, role: session.role }] })
  }

  /** Signs in to the demo company as its owner, without a password. */
  async function signInToDemo(): Promise<void> {
    await retryOwedSignOut()
    await openSession(await body(api.POST('/api/sessions/demo')))
  }

  /** Accepts an invitation. */
  async function join(draft: Schemas['AcceptDraft']): Promise<void> {
    await retryOwedSignOut()
    await body(api.POST('/api/invitations', { body: draft }))
    // An existing account may have other companies too; the new cookie covers all of them.
    await resumeSession()
  }

  /** Enters a company that granted support access. */
  async function enterAsSupport(token: string): Promise<void> {
    await retryOwedSignOut()
    await openSession(await body(api.POST('/api/sessions/support', { body: { token } })))
  }

  /** Reads again which companies the person belongs to. */
  async function reloadCompanies(): Promise<void> {
    await openSession(await body(api.POST('/api/sessions/switch', { body: { company: companyId.value } })))
  }

  /** Switches company and reloads the page there. */
  async function switchTo(company: string, where = '/'): Promise<void> {
    destination = where
    try {
      await openSession(await body(api.POST('/api/sessions/switch', { body: { company } })))
    } finally {
      destination = '/'
    }
  }

  /** Signs out here, even where the server cannot be told yet. */
  async function signOut(): Promise<void> {
    try {
      await endSession()
    } finally {
      closeSession(true)
    }
  }

  const may = (permission: Permission): boolean => permissions.value.has(permission)

  return {
    who,
    companies,
    isSignedIn,
    hasLeft,
    isMoving,
    companyId,
    userId,
    selfIds,
    may,
    start,
    reload,
    enter: openSession,
    signIn,
    register,
    signInToDemo,
    join,
    enterAsSupport,
    reloadCompanies,
    switchTo,
    signOut,
  }
})
