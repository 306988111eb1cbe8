/** Who is signed in, where, and what they may do. Everything else is server state and lives in queries. */
import { useQueryClient } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, nextTick, ref } from 'vue'
import { api, body, type Schemas } from '@/api/client'
import { useScopeOf } from '@/api/scope'
import { beginAnew } from './anew'
import { endSession, makeGood } from './leaving'
import { closed, hearOfSession, isProbablySignedIn, opened, resumed, type Opened } from './tokens'

export type WhoAmI = Schemas['WhoAmI']
export type Permission = Schemas['Permission']
export type CompanyChoice = Schemas['CompanyWithRole']

export const useSession = defineStore('session', () => {
  const queries = useQueryClient()
  const who = ref<WhoAmI | null>(null)
  const companies = ref<readonly CompanyChoice[]>([])
  /** Whether the person left by their own wish, so that nobody asks them to come back. */
  const hasLeft = ref(false)
  /** Whether the page is about to be loaded anew, for another company or person. */
  const isMoving = ref(false)
  let starting: Promise<void> | null = null
  let entering: Promise<void> | null = null
  /** Counts who was let in, so that an answer that comes after they left is not taken for theirs. */
  let visit = 0
  /** Where this page goes on when it is loaded anew. */
  let destination = '/'

  const isSignedIn = computed(() => who.value !== null)
  const companyId = computed(() => who.value?.company.id ?? '')
  const userId = computed(() => who.value?.user.id ?? '')
  const permissions = computed(() => new Set<string>(who.value?.permissions ?? []))

  useScopeOf({
    get companyId() {
      return companyId.value
    },
    get timeZone() {
      return who.value?.company.time_zone ?? undefined
    },
  })
  hearOfSession({ entered, moved, left })
  window.addEventListener('online', () => void makeGood().catch(() => undefined))

  function left(byChoice: boolean): void {
    hasLeft.value = byChoice
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
    // Nothing is on the page any more that would ask whether to leave it.
    await nextTick()
    await beginAnew(destination)
  }

  async function entered(session: Opened): Promise<void> {
    hasLeft.value = false
    companies.value = session.companies
    if (who.value !== null) return
    entering ??= reload().finally(() => (entering = null))
    await entering
  }

  /** Nothing comes back; company, role and permissions are as the server has them now. */
  async function reload(): Promise<void> {
    const mine = visit
    const answer = await body(api.GET('/api'))
    if (mine === visit) who.value = answer
  }

  /** Nothing comes back; it is known whether somebody is signed in. Asked once, whoever asks how often. */
  function start(): Promise<void> {
    starting ??= begin().catch((error: unknown) => {
      starting = null
      throw error
    })
    return starting
  }

  async function begin(): Promise<void> {
    await makeGood()
    if (isProbablySignedIn()) await resumed()
  }

  async function signIn(email: string, password: string): Promise<void> {
    await makeGood()
    await opened(await body(api.POST('/api/sessions', { body: { email, password } })))
  }

  async function register(draft: Schemas['RegistrationDraft']): Promise<void> {
    await makeGood()
    const session = await body(api.POST('/api/registrations', { body: draft }))
    await opened({ ...session, companies: [{ ...session.company, role: session.role }] })
  }

  /** Signed in to the demo company, as its owner, without a password. */
  async function lookAround(): Promise<void> {
    await makeGood()
    await opened(await body(api.POST('/api/sessions/demo')))
  }

  /** A member of the company that invited them from now on. */
  async function join(draft: Schemas['AcceptDraft']): Promise<void> {
    await makeGood()
    await body(api.POST('/api/invitations', { body: draft }))
    // Who had a login already has other companies too; the new cookie tells all of them.
    await resumed()
  }

  /** In this company from now on; the page is loaded anew, there. */
  async function switchTo(company: string, where = '/'): Promise<void> {
    destination = where
    try {
      await opened(await body(api.POST('/api/sessions/switch', { body: { company } })))
    } finally {
      destination = '/'
    }
  }

  /** Nothing comes back; nobody is signed in here, even where the server could not be told yet. */
  async function signOut(): Promise<void> {
    try {
      await endSession()
    } finally {
      closed(true)
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
    may,
    start,
    reload,
    enter: opened,
    signIn,
    register,
    lookAround,
    join,
    switchTo,
    signOut,
  }
})
