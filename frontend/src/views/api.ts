/** Saved views over HTTP. */
import { entityApi } from '@/api/entityApi'

export const savedViews = entityApi('saved_view')
