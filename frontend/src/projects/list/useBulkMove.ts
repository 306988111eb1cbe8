/** Moves several tasks to one column. */
import type { DropdownMenuItem } from '@nuxt/ui'
import { useI18n } from 'vue-i18n'
import type { Column, Task } from '@/api/types'
import { useTaskActions } from '@/tasks/useTaskActions'

export function useBulkMove(chosen: () => readonly Task[], columns: () => readonly Column[], done: () => void) {
  const { t } = useI18n()
  const actions = useTaskActions()

  async function move(column: Column): Promise<void> {
    const moved = chosen()
    const message = t('projects.cards_moved', { n: moved.length, name: column.name }, moved.length)
    if (!(await actions.changeMany(moved, () => ({ column_id: column.id }), message))) return
    done()
    // The server has set statuses and created the successors of recurring tasks.
    await actions.refresh()
  }

  const items = (): DropdownMenuItem[] => columns().map((column) => ({ label: column.name, onSelect: () => void move(column) }))
  return { items }
}
