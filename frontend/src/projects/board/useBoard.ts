/** The state of a board: lanes, moving cards by mouse, keys or menu, and announcements for screen readers. */
import type { DropdownMenuItem } from '@nuxt/ui'
import { computed, nextTick, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Column, Task } from '@/api/types'
import { useSession } from '@/session/store'
import { useOpen } from '@/shared/open'
import { useTaskActions } from '@/tasks/useTaskActions'
import type { ProjectTasks } from '../useProjectTasks'
import { useShownTasks } from '../useShownTasks'
import { lanesOf, type Lane } from './lanes'
import { withCardAt } from './moves'
import { useCardKeys } from './useCardKeys'
import { useMoves } from './useMoves'

export function useBoard(project: ProjectTasks, board: Ref<HTMLElement | undefined>) {
  const { t } = useI18n()
  const session = useSession()
  const { open } = useOpen()
  const actions = useTaskActions()
  const { matches } = useShownTasks()
  const { put } = useMoves(project)
  const unfolded = ref<ReadonlySet<number>>(new Set())
  /** The announcement of the last move. */
  const said = ref('')
  const mayWrite = computed(() => session.may('task:write'))
  const lanes = computed(() => lanesOf(project.columns.value, project.all.value, matches.value, unfolded.value))
  const found = computed(() => lanes.value.reduce((sum, lane) => sum + lane.cards.length + lane.folded, 0))

  const moves = { step, cross }
  const keys = useCardKeys(board, () => lanes.value, mayWrite.value ? moves : null)

  function unfold(lane: Lane): void {
    unfolded.value = new Set([...unfolded.value, lane.key])
  }

  function laneOf(task: Task): Lane | undefined {
    return lanes.value[keys.locate(task.id)?.lane ?? -1]
  }

  /** Moves the card to its index in the lane and announces it. */
  async function place(task: Task, lane: Lane, order: readonly Task[]): Promise<void> {
    const index = order.findIndex((card) => card.id === task.id)
    const name = lane.column?.name ?? t('projects.no_column')
    const isMoved = put(task, lane.column, order)
    await nextTick()
    said.value = t('projects.said_moved', { title: task.title, name, n: index + 1, all: order.length })
    if (!(await isMoved)) said.value = t('projects.said_refused', { title: task.title })
  }

  async function follow(task: Task, lane: Lane, order: readonly Task[]): Promise<void> {
    const done = place(task, lane, order)
    await keys.focusCard(task.id)
    await done
  }

  function step(task: Task, by: -1 | 1): void {
    const lane = laneOf(task)
    const index = lane?.cards.findIndex((card) => card.id === task.id) ?? -1
    if (lane && index + by >= 0 && index + by < lane.cards.length) void follow(task, lane, withCardAt(lane.cards, task, index + by))
  }

  function cross(task: Task, by: -1 | 1): void {
    const at = keys.locate(task.id)
    const lane = lanes.value[(at?.lane ?? 0) + by]
    if (at && lane) void follow(task, lane, withCardAt(lane.cards, task, at.index))
  }

  function toEnd(task: Task, isTop: boolean): void {
    const lane = laneOf(task)
    if (lane) void follow(task, lane, withCardAt(lane.cards, task, isTop ? 0 : lane.cards.length))
  }

  function toColumn(task: Task, column: Column): void {
    const lane = lanes.value.find((one) => one.key === column.id)
    if (lane) void follow(task, lane, withCardAt(lane.cards, task, lane.cards.length))
  }

  async function toggle(task: Task): Promise<void> {
    await actions.toggle(task)
    await actions.refresh()
  }

  function menu(task: Task): DropdownMenuItem[][] {
    const at = keys.locate(task.id)
    const count = lanes.value[at?.lane ?? -1]?.cards.length ?? 0
    const [isFirst, isLast] = [at?.index === 0, at?.index === count - 1]
    return [
      [
        { label: t('projects.open_card'), icon: 'i-lucide-panel-right-open', onSelect: () => void open('task', task.id) },
        { label: t(task.status === 'done' ? 'tasks.mark_open' : 'tasks.mark_done'), icon: 'i-lucide-circle-check-big', onSelect: () => void toggle(task) },
      ],
      [
        { type: 'label' as const, label: t('projects.move_to') },
        ...project.columns.value.map((column) => ({
          label: column.name,
          icon: column.is_done ? 'i-lucide-circle-check-big' : 'i-lucide-square-kanban',
          disabled: column.id === task.column_id,
          onSelect: () => toColumn(task, column),
        })),
      ],
      [
        { label: t('projects.move_top'), icon: 'i-lucide-arrow-up-to-line', disabled: isFirst, onSelect: () => toEnd(task, true) },
        { label: t('projects.move_up'), icon: 'i-lucide-arrow-up', disabled: isFirst, onSelect: () => step(task, -1) },
        { label: t('projects.move_down'), icon: 'i-lucide-arrow-down', disabled: isLast, onSelect: () => step(task, 1) },
        { label: t('projects.move_bottom'), icon: 'i-lucide-arrow-down-to-line', disabled: isLast, onSelect: () => toEnd(task, false) },
      ],
      [{ label: t('common.to_trash'), icon: 'i-lucide-trash-2', color: 'error' as const, onSelect: () => void actions.remove([task]) }],
    ]
  }

  return { lanes, found, said, mayWrite, keys, place, toggle, menu, unfold }
}
