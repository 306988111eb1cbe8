/** Who is signed in, where, and what they may do. Everything else is server state and lives in queries. */
import { useQueryClient } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, body, type Schemas } from '@/api/client'
import { closed, hearOfSession, isProbablySignedIn, opened, renew, type Opened } from './tokens'

export type WhoAmI = Schemas['WhoAmI']
export type Permission = Schemas['Permission']
export type CompanyChoice = Schemas['CompanyWithRole']

export const useSession = defineStore('session', () => {
  const queries = useQueryClient()
  const who = ref<WhoAmI | null>(null)
  const companies = ref<readonly CompanyChoice[]>([])
  /** Whether the person left by their own wish, so that nobody asks them to come back. */
  const hasLeft = ref(false)
  let starting: Promise<void> | null = null

  const isSignedIn = computed(() => who.value !== null)
  const companyId = computed(() => who.value?.company.id ?? '')
  const userId = computed(() => who.value?.user.id ?? '')
  const permissions = computed(() => new Set<string>(who.value?.permissions ?? []))

  hearOfSession(async (message) => {
    if (message.kind === 'closed') forget()
    else await entered(message.opened)
  })

  function forget(): void {
    who.value = null
    companies.value = []
    queries.clear()
  }

  /** Another company or person than before: what was read for them is not shown for a moment. */
  async function entered(session: Opened): Promise<void> {
    hasLeft.value = false
    companies.value = session.companies
    const isSame = who.value?.company.id === session.company.id && who.value.user.id === session.user.id
    if (isSame) return
    if (who.value !== null) forget()
    companies.value = session.companies
    await reload()
  }

  /** Nothing comes back; company, role and permissions are as the server has them now. */
  async function reload(): Promise<void> {
    who.value = await body(api.GET('/api'))
  }

  /** Nothing comes back; it is known whether somebody is signed in. Asked once, whoever asks how often. */
  function start(): Promise<void> {
    starting ??= (isProbablySignedIn() ? renew() : Promise.resolve()).then(
      () => undefined,
      (error: unknown) => {
        starting = null
        throw error
      },
    )
    return starting
  }

  async function signIn(email: string, password: string): Promise<void> {
    await opened(await body(api.POST('/api/sessions', { body: { email, password } })))
  }

  async function register(draft: Schemas['RegistrationDraft']): Promise<void> {
    const session = await body(api.POST('/api/registrations', { body: draft }))
    await opened({ ...session, companies: [{ ...session.company, role: session.role }] })
  }

  /** Signed in to the demo company, as its owner, without a password. */
  async function lookAround(): Promise<void> {
    await opened(await body(api.POST('/api/sessions/demo')))
  }

  /** A member of the company that invited them from now on. */
  async function join(draft: Schemas['AcceptDraft']): Promise<void> {
    await body(api.POST('/api/invitations', { body: draft }))
    // Who had a login already has other companies too; the new cookie tells all of them.
    await renew()
  }

  async function switchTo(company: string): Promise<void> {
    await opened(await body(api.POST('/api/sessions/switch', { body: { company } })))
  }

  async function signOut(): Promise<void> {
    hasLeft.value = true
    try {
      await body(api.DELETE('/api/sessions/current'))
    } finally {
      await closed()
    }
  }

  const may = (permission: Permission): boolean => permissions.value.has(permission)

  return {
    who,
    companies,
    isSignedIn,
    hasLeft,
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
