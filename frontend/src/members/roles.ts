import type { Role } from '@/api/types'

/** Strongest first. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer']
