/** Tasks over HTTP. */
import { api, body, type Schemas } from '@/api/client'
import { entityApi, type QueryOf } from '@/api/entityApi'
import type { Task } from '@/api/types'

export type TaskQuery = QueryOf<'task'>

export const tasks = entityApi('task')

/** A task that is done, and what completing it did. */
export type Completed = Schemas['TaskCompletedOut']

const at = (id: number) => ({ path: { task_id: id } })

export const taskActions = {
  complete: (id: number): Promise<Completed> => body(api.POST('/api/tasks/{task_id}/complete', { params: at(id) })),
  reopen: (id: number): Promise<Task> => body(api.POST('/api/tasks/{task_id}/reopen', { params: at(id) })),
  move: (id: number, target: Schemas['TaskMove']): Promise<Task> =>
    body(api.POST('/api/tasks/{task_id}/move', { params: at(id), body: target })),
}
