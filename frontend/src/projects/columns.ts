/** The columns of boards over HTTP. */
import { entityApi } from '@/api/entityApi'

export const columns = entityApi('column')
