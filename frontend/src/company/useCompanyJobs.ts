/** What owners asked for: backups, files of them, restores, sandboxes. Asked about every second while one is being done. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { createSharedComposable } from '@vueuse/core'
import { computed, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, body, type Schemas } from '@/api/client'
import { useKeys } from '@/api/keys'
import { useSession } from '@/session/store'
import { useNotices } from '@/shared/notices'

export type CompanyJob = Schemas['JobOut']

const LOOK_MS = 1_000

const isLive = (job: CompanyJob): boolean => job.state === 'waiting' || job.state === 'running'

export const useCompanyJobs = createSharedComposable(() => {
  const { t } = useI18n()
  const keys = useKeys()
  const queries = useQueryClient()
  const session = useSession()
  const notices = useNotices()
  const isEnabled = computed(() => session.isSignedIn && session.may('company:copy'))

  const list = useQuery({
    queryKey: computed(() => keys.list('jobs', {})),
    enabled: isEnabled,
    queryFn: async ({ signal }) => (await body(api.GET('/api/company/jobs', { signal }))).items,
    refetchInterval: ({ state }) => (state.data?.some(isLive) ? LOOK_MS : false),
  })
  const allowances = useQuery({
    queryKey: computed(() => keys.item('jobs', 'allowances')),
    enabled: isEnabled,
    queryFn: ({ signal }) => body(api.GET('/api/company/jobs/allowances', { signal })),
  })

  const live = computed(() => list.data.value?.find(isLive) ?? null)
  const sandboxes = computed(() => list.data.value?.filter((job) => job.kind === 'sandbox' && job.company) ?? [])
  const left = computed(() => {
    const of = allowances.data.value
    const rest = (kind: 'backup' | 'file' | 'restore' | 'sandbox') => (of ? Math.max(0, of[kind].limit - of[kind].used) : null)
    return { backup: rest('backup'), file: rest('file'), restore: rest('restore'), sandbox: rest('sandbox') }
  })

  watch(live, async (now, before) => {
    if (now || !before) return
    const ended = list.data.value?.find((job) => job.id === before.id)
    if (!ended) return
    if (ended.state === 'done') notices.done(t(`company.job_done_${ended.kind}`))
    await queries.invalidateQueries({ queryKey: keys.all('backups') })
    await allowances.refetch()
    if (ended.company) await session.reloadCompanies().catch(() => undefined)
  })

  /** Shows the job that was just asked for. */
  function follow(job: CompanyJob): void {
    queries.setQueryData<CompanyJob[]>(keys.list('jobs', {}), (jobs = []) => [job, ...jobs.filter(({ id }) => id !== job.id)])
    void allowances.refetch()
  }

  return { list, live, sandboxes, left, follow }
})
