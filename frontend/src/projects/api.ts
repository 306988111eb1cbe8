/** Projects over HTTP. */
import { entityApi, type QueryOf } from '@/api/entityApi'

export type ProjectQuery = QueryOf<'project'>

export const projects = entityApi('project')
