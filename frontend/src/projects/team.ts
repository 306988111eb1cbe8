import type { Project } from '@/api/types'

/** Who works on it: the owner first, each once. */
export function teamOf(project: Pick<Project, 'owner_id' | 'member_ids'>): string[] {
  return [...new Set([...(project.owner_id ? [project.owner_id] : []), ...project.member_ids])]
}
