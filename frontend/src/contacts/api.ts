/** Contacts over HTTP. */
import { entityApi, type QueryOf } from '@/api/entityApi'

export type ContactQuery = QueryOf<'contact'>

export const contacts = entityApi('contact')
