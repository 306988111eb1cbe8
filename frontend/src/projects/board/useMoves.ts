/** Cards put elsewhere: seen at once, told to the server one after the other, put back when it refuses. */
import type { Column, Task } from '@/api/types'
import { useRecords } from '@/shared/records/changing'
import { taskActions, tasks } from '@/tasks/api'
import type { ProjectTasks } from '../useProjectTasks'
import { placeIn, positionAt, statusIn } from './moves'

export function useMoves({ all, columns }: Pick<ProjectTasks, 'all' | 'columns'>) {
  const records = useRecords(tasks)
  /** Which move of a task was the last: the answer to an earlier one must not bring it back. */
  const latest = new Map<number, { column_id: number | null; position: number }>()
  let queue: Promise<unknown> = Promise.resolve()

  function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const asked = queue.then(ask, ask)
    queue = asked.catch(() => undefined)
    return asked
  }

  /** Whether the task stands in that column now, where this order of its cards has it. */
  async function put(task: Task, column: Column | null, order: readonly Task[]): Promise<boolean> {
    const place = placeIn(order, task.id)
    const aim = { column_id: column?.id ?? null, position: positionAt(all.value, task.id, place) }
    const status = statusIn(column, columns.value, task)
    const leavesNext = status === 'done' && task.status === 'open' && task.recurrence !== null
    latest.set(task.id, aim)
    let isElsewhere = false
    const isMoved = await records.act(task, { ...aim, status }, async () => {
      const answer = await inTurn(() => taskActions.move(task.id, { column_id: aim.column_id, ...place }))
      isElsewhere = answer.position !== aim.position
      return latest.get(task.id) === aim ? answer : { ...answer, ...latest.get(task.id) }
    })
    // Renumbered by the server, refused by it, or joined by the next of a series: what is there is asked for.
    if (!isMoved || isElsewhere || leavesNext) await records.refresh()
    return isMoved
  }

  return { put }
}
