import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { isProblem } from '@/api/problem'
import { applyPreferences } from '@/shared/preferences'
import App from './App.vue'
import { i18n, speak, spokenHere } from './i18n'
import { router } from './router'
import './style.css'
import { addIcons } from './ui'

/** Retries only what may succeed: not what the server refused. */
function isWorthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && !(isProblem(error) && error.status < 500 && error.status !== 429)
}

const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, retry: isWorthRetrying, refetchOnWindowFocus: true } },
})

addIcons()
applyPreferences()
await speak(spokenHere())
createApp(App).use(createPinia()).use(VueQueryPlugin, { queryClient }).use(i18n).use(router).mount('#app')
