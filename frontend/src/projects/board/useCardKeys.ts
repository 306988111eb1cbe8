/** Board keyboard control: arrows move between cards, with Shift they move the card, m opens its menu. */
import { nextTick, ref, type Ref } from 'vue'
import type { Task } from '@/api/types'
import type { Lane } from './lanes'

export interface CardMoves {
  /** Within its lane: -1 up, 1 down. */
  step: (task: Task, by: -1 | 1) => void
  /** To the neighbouring lane. */
  cross: (task: Task, by: -1 | 1) => void
}

const FRAMES_TO_SETTLE = 4

const ARROWS: Record<string, [across: -1 | 0 | 1, down: -1 | 0 | 1]> = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
}

export function useCardKeys(board: Ref<HTMLElement | undefined>, lanes: () => readonly Lane[], moves: CardMoves | null) {
  /** The card focused last. */
  const current = ref<number | null>(null)

  async function focusCard(id: number | undefined): Promise<void> {
    if (id === undefined) return
    current.value = id
    await nextTick()
    const link = board.value?.querySelector<HTMLElement>(`[data-card="${id}"] [data-card-link]`)
    link?.focus()
    // Cards that come into sight are measured, which moves those below them.
    for (let frame = 0; link && frame < FRAMES_TO_SETTLE; frame++) {
      link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      await new Promise(requestAnimationFrame)
    }
  }

  function onFocusin(event: FocusEvent): void {
    const card = (event.target as HTMLElement).closest<HTMLElement>('[data-card]')
    if (card) current.value = Number(card.dataset.card)
  }

  function onKeydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    const card = target.closest<HTMLElement>('[data-card]')
    if (!card || !target.matches('[data-card-link]') || event.ctrlKey || event.metaKey || event.altKey) return
    const found = locate(Number(card.dataset.card))
    if (!found) return
    if (event.key === 'm' && moves) card.querySelector<HTMLElement>('[data-card-menu]')?.click()
    else if (!goes(event, found)) return
    event.preventDefault()
    event.stopPropagation()
  }

  function goes(event: KeyboardEvent, { lane, index }: { lane: number; index: number }): boolean {
    const cards = lanes()[lane]?.cards ?? []
    const task = cards[index]
    const arrow = ARROWS[event.key]
    if (event.key === 'Home' || event.key === 'End') void focusCard(cards.at(event.key === 'Home' ? 0 : -1)?.id)
    else if (!arrow || !task) return false
    else if (event.shiftKey) {
      if (arrow[1]) moves?.step(task, arrow[1])
      else if (arrow[0]) moves?.cross(task, arrow[0])
    } else void focusCard(arrow[1] ? cards[index + arrow[1]]?.id : beside(lane, index, arrow[0] as -1 | 1))
    return true
  }

  /** The card at the same height in the next non-empty lane in that direction. */
  function beside(lane: number, index: number, by: -1 | 1): number | undefined {
    for (let at = lane + by; at >= 0 && at < lanes().length; at += by) {
      const cards = lanes()[at]?.cards ?? []
      if (cards.length) return cards[Math.min(index, cards.length - 1)]?.id
    }
    return undefined
  }

  function locate(id: number): { lane: number; index: number } | null {
    for (const [lane, { cards }] of lanes().entries()) {
      const index = cards.findIndex((card) => card.id === id)
      if (index >= 0) return { lane, index }
    }
    return null
  }

  return { current, focusCard, onFocusin, onKeydown, locate }
}
