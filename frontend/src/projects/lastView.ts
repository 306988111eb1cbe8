/** The view each project was last opened in, on this device. */
import { useLocalStorage } from '@vueuse/core'

export const VIEWS = ['board', 'list', 'calendar', 'timeline', 'journal'] as const
export type ProjectLookedAt = (typeof VIEWS)[number]
const MOST = 200

const kept = useLocalStorage<Record<string, ProjectLookedAt>>('crmtenant.project-views', {})

export function lastViewOf(companyId: string, projectId: number): ProjectLookedAt {
  const view = kept.value[`${companyId}/${projectId}`]
  return VIEWS.find((known) => known === view) ?? 'board'
}

/** Remembers the view; the projects opened longest ago are forgotten. */
export function rememberView(companyId: string, projectId: number, view: ProjectLookedAt): void {
  const key = `${companyId}/${projectId}`
  const others = Object.entries(kept.value).filter(([other]) => other !== key)
  kept.value = Object.fromEntries([...others.slice(1 - MOST), [key, view]])
}
