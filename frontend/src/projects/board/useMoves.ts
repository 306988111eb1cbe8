/** Moves cards optimistically, sends the moves in order, and rolls back refused ones. */
import type { Column, Task } from '@/api/types'
import { useRecords } from '@/shared/records/changing'
import { taskActions, tasks } from '@/tasks/api'
import type { ProjectTasks } from '../useProjectTasks'
import { byPosition, placeIn, positionAt, statusIn } from './moves'

export function useMoves({ all, columns }: Pick<ProjectTasks, 'all' | 'columns'>) {
  const records = useRecords(tasks)
  /** The latest move of each task: the response to an earlier one must not revert it. */
  const latest = new Map<number, { column_id: number | null; position: number }>()
  let queue: Promise<unknown> = Promise.resolve()

  function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const asked = queue.then(ask, ask)
    queue = asked.catch(() => undefined)
    return asked
  }

  /** Returns whether the task was moved into that column, at its place in this order. */
  async function put(task: Task, column: Column | null, order: readonly Task[]): Promise<boolean> {
    const place = placeIn(order, task.id)
    const aim = { column_id: column?.id ?? null, position: positionAt(all.value, task.id, place) }
    const status = statusIn(column, columns.value, task)
    const changesOthers = status !== task.status
    latest.set(task.id, aim)
    const lane = all.value.filter(({ column_id }) => column_id === task.column_id).sort(byPosition)
    const undo = () => moveBack(task, lane)
    let isElsewhere = false
    const isMoved = await records.act(task, { ...aim, status }, async () => {
      const answer = await inTurn(() => taskActions.move(task.id, { column_id: aim.column_id, ...place }))
      isElsewhere = answer.position !== aim.position
      return latest.get(task.id) === aim ? answer : { ...answer, ...latest.get(task.id) }
    }, { undo })
    // After renumbering, a refusal, or when subtasks and a recurring task's successor may have changed too.
    if (!isMoved || isElsewhere || changesOthers) await records.refresh()
    return isMoved
  }

  /** Moves the task back into the column it was in, next to the task it was next to. */
  async function moveBack({ id, column_id }: Task, lane: readonly Task[]): Promise<void> {
    latest.delete(id)
    await inTurn(() => taskActions.move(id, { column_id, ...placeIn(lane, id) }))
    await records.refresh()
  }

  return { put }
}
