import type { Project } from '@/api/types'

/** The people of a project without duplicates, the owner first. */
export function teamOf(project: Pick<Project, 'owner_id' | 'member_ids'>): string[] {
  return [...new Set([...(project.owner_id ? [project.owner_id] : []), ...project.member_ids])]
}
