/**
 * Dragging cards within a lane and to others. Sortable moves the elements, Vue owns them: each is put back where it was
 * before Vue draws the new order.
 */
import { usePreferredReducedMotion } from '@vueuse/core'
import { computed, shallowRef, type Ref } from 'vue'
import { useDraggable, type SortableEvent } from 'vue-draggable-plus'
import type { Task } from '@/api/types'
import { withCardAt } from './moves'

interface Dragged {
  task: Task
  home: Element
  next: ChildNode | null
}

const dragged = shallowRef<Dragged | null>(null)

/** Whether a card is being dragged; there is one pointer. */
export const isDragging = computed(() => dragged.value !== null)

export interface CardDrag {
  cards: Ref<Task[]>
  isReadonly: () => boolean
  put: (task: Task, order: Task[]) => void
}

export function useCardDrag(list: Ref<HTMLElement | undefined>, { cards, isReadonly, put }: CardDrag): void {
  const motion = usePreferredReducedMotion()

  function onStart({ item }: SortableEvent): void {
    const task = cards.value.find(({ id }) => id === idOf(item))
    if (task && item.parentElement) dragged.value = { task, home: item.parentElement, next: item.nextSibling }
  }

  /** Of the lane that the card has been dropped in. */
  function onDropped({ item }: SortableEvent): void {
    if (!dragged.value) return
    const { task } = dragged.value
    const above = item.previousElementSibling
    const others = cards.value.filter(({ id }) => id !== task.id)
    const index = above ? others.findIndex(({ id }) => id === idOf(above)) + 1 : indexBefore(others, item.nextElementSibling)
    putBack(item)
    cards.value = withCardAt(cards.value, task, index)
    put(task, cards.value)
  }

  function onRemove({ item }: SortableEvent): void {
    cards.value = cards.value.filter(({ id }) => id !== idOf(item))
  }

  function onEnd({ item }: SortableEvent): void {
    putBack(item)
    dragged.value = null
  }

  useDraggable(
    list,
    computed(() => ({
      group: 'cards',
      disabled: isReadonly(),
      animation: motion.value === 'reduce' ? 0 : 160,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      delay: 180,
      delayOnTouchOnly: true,
      touchStartThreshold: 6,
      ghostClass: 'card-ghost',
      fallbackClass: 'card-dragged',
      scrollSensitivity: 80,
      scrollSpeed: 14,
      onStart,
      onAdd: onDropped,
      onUpdate: onDropped,
      onRemove,
      onEnd,
    })),
  )
}

const idOf = (element: Element | null): number => Number((element as HTMLElement | null)?.dataset.id)

function indexBefore(others: readonly Task[], below: Element | null): number {
  return below ? Math.max(0, others.findIndex(({ id }) => id === idOf(below))) : 0
}

function putBack(item: HTMLElement): void {
  if (!dragged.value) return
  const { home, next } = dragged.value
  if (item.parentElement === home && item.nextSibling === next) return
  home.insertBefore(item, next?.parentNode === home ? next : null)
}
