/** The routes. Pages not needed for the first view are loaded on demand. */
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router'
import { isProblem, Unreachable } from '@/api/problem'
import { ENTITY_TYPES, entityOf, type EntityType } from '@/entities'
import { useSession } from '@/session/store'
import { afterSignIn, companyOf } from '@/session/addresses'
import { watchGoing } from '@/shared/going'
import { PartMissing, patiently, wantedAddress } from '@/shared/parts'

function pagesOf(type: EntityType): RouteRecordRaw[] {
  const { collection, pages, leads } = entityOf(type)
  if (leads) return [{ path: `${collection}/:id(\\d+)`, component: patiently(leads) }]
  if (!pages) return []
  return [
    { path: collection, component: patiently(pages.list) },
    { path: `${collection}/:id(\\d+)${pages.itemParams ?? ''}`, component: patiently(pages.item) },
  ]
}

const routes: RouteRecordRaw[] = [
  { path: '/welcome', component: patiently(() => import('@/pages/WelcomePage.vue')), meta: { isPublic: true } },
  { path: '/sign-in', component: patiently(() => import('@/pages/SignInPage.vue')), meta: { isPublic: true } },
  { path: '/register', component: patiently(() => import('@/pages/RegisterPage.vue')), meta: { isPublic: true } },
  { path: '/join', component: patiently(() => import('@/pages/JoinPage.vue')), meta: { isPublic: true } },
  { path: '/forgotten-password', component: patiently(() => import('@/pages/ForgottenPasswordPage.vue')), meta: { isPublic: true } },
  { path: '/new-password', component: patiently(() => import('@/pages/NewPasswordPage.vue')), meta: { isPublic: true } },
  { path: '/confirm-email', component: patiently(() => import('@/pages/ConfirmEmailPage.vue')), meta: { isPublic: true } },
  { path: '/support', component: patiently(() => import('@/pages/SupportPage.vue')), meta: { isPublic: true } },
  { path: '/unreachable', component: patiently(() => import('@/pages/UnreachablePage.vue')), meta: { isPublic: true } },
  {
    path: '/',
    component: patiently(() => import('@/shell/AppShell.vue')),
    children: [
      { path: '', component: patiently(() => import('@/pages/HomePage.vue')) },
      ...ENTITY_TYPES.flatMap(pagesOf),
      { path: 'contacts/import', component: patiently(() => import('@/pages/ContactImportPage.vue')) },
      { path: 'settings/:section?', component: patiently(() => import('@/pages/SettingsPage.vue')) },
      { path: 'trash', component: patiently(() => import('@/pages/TrashPage.vue')) },
      { path: ':rest(.*)*', component: patiently(() => import('@/pages/NotFoundPage.vue')) },
    ],
  },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

watchGoing(router)

/** Whether the server said that nobody is signed in; any other error is temporary. */
const isNobodysSignIn = (error: unknown): boolean => isProblem(error, 401) || isProblem(error, 403)

const unreachable = (to: RouteLocationNormalized): RouteLocationRaw => ({ path: '/unreachable', query: { next: to.fullPath } })

/** The route within the company that the address names; home for those who are not its members. */
async function inItsCompany(to: RouteLocationNormalized): Promise<RouteLocationRaw | true> {
  const session = useSession()
  const named = companyOf(to)
  if (named === null) return true
  if (named.slug === session.who?.company.slug) return named.there
  const other = session.companies.find((company) => company.slug === named.slug)
  if (other === undefined) return '/'
  try {
    await session.switchTo(other.id, router.resolve(named.there).fullPath)
  } catch (error) {
    if (error instanceof Unreachable) return unreachable(to)
    if (!isProblem(error)) throw error
  }
  return '/'
}

router.beforeEach(async (to) => {
  const session = useSession()
  try {
    await session.start()
  } catch (error) {
    if (!(error instanceof Unreachable) && !isProblem(error)) throw error
    if (!isNobodysSignIn(error)) return to.path === '/unreachable' ? true : unreachable(to)
  }
  if (session.isSignedIn && ['/welcome', '/sign-in'].includes(to.path)) return afterSignIn(to.query)
  if (to.meta.isPublic) return true
  if (session.isSignedIn) return await inItsCompany(to)
  return to.path === '/' ? '/welcome' : { path: '/sign-in', query: { next: to.fullPath } }
})

router.onError((error, to) => {
  if (error instanceof PartMissing) wantedAddress.value = to.fullPath
})
