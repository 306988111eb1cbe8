/** When a company's people are warned of a quota. The server sends mails at the same shares. */
import type { Schemas } from '@/api/client'

export type QuotaState = 'fine' | 'near' | 'full'

const NEAR = 80
const FULL = 100

export function stateOf({ percent }: Pick<Schemas['QuotaOut'], 'percent'>): QuotaState {
  if (percent === null || percent < NEAR) return 'fine'
  return percent < FULL ? 'near' : 'full'
}
