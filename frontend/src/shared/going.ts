/** Where one is going while the page there is not here yet, so that the clicked place is marked at once. */
import { ref } from 'vue'
import type { Router } from 'vue-router'

export const goingTo = ref<string | null>(null)

export function watchGoing(router: Router): void {
  router.beforeEach((to, from) => {
    goingTo.value = to.path === from.path ? null : to.path
  })
  const arrive = (path: string): void => {
    if (goingTo.value === path) goingTo.value = null
  }
  router.afterEach((to) => arrive(to.path))
  router.onError((_, to) => arrive(to.path))
}
