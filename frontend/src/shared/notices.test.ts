import { useToast } from '@nuxt/ui/composables/useToast'
import { mount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { beforeEach, expect, test } from 'vitest'
import { ApiProblem, Unreachable } from '@/api/problem'
import { useNotices } from './notices'

let notices: ReturnType<typeof useNotices>
let toasts: ReturnType<typeof useToast>

beforeEach(() => {
  mount({
    setup() {
      notices = useNotices()
      toasts = useToast()
      toasts.clear()
      return () => null
    },
  })
})

async function shown(): Promise<number> {
  for (let turn = 0; turn < 6; turn += 1) await nextTick()
  return toasts.toasts.value.filter(({ open }) => open).length
}

test('four equal notices are one, also of four requests', async () => {
  for (let request = 0; request < 4; request += 1) {
    notices.failed(new ApiProblem(503, { detail: 'Not now.', code: 'unavailable', request_id: `r${request}` }))
    notices.failed(new Unreachable(null))
  }
  expect(await shown()).toBe(2)
})

test('what is said again has its whole time again', async () => {
  notices.failed(new Unreachable(null))
  await shown()
  const before = toasts.toasts.value[0]?.duration
  notices.failed(new Unreachable(null))
  await shown()
  expect(toasts.toasts.value[0]?.duration).not.toBe(before)
})

test('what is said again while the notice closes is a new notice', async () => {
  notices.failed(new Unreachable(null))
  await shown()
  toasts.remove(toasts.toasts.value[0]?.id as string)
  notices.failed(new Unreachable(null))
  expect(await shown()).toBe(1)
  expect(toasts.toasts.value).toHaveLength(2)
})
