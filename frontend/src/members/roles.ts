import type { Role } from '@/api/types'

/** Most powerful first. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer']
