/** Keys that belong to lists, boards, calendars and fields, and are no shortcuts of a page. For the list that `?` shows. */
export interface KeyRow {
  /** i18n key. */
  label: string
  /** Alternatives, each pressed together (`+`) or one after the other (a space). */
  keys: readonly string[]
}

export interface KeySection {
  title: string
  rows: readonly KeyRow[]
}

export const KEY_SECTIONS: readonly KeySection[] = [
  {
    title: 'keys.lists',
    rows: [
      { label: 'keys.move', keys: ['↑', '↓', 'j', 'k'] },
      { label: 'keys.ends', keys: ['Home', 'End'] },
      { label: 'keys.open', keys: ['Enter'] },
      { label: 'keys.select', keys: ['x', 'Space'] },
      { label: 'keys.extend', keys: ['Shift+↑', 'Shift+↓'] },
      { label: 'keys.edit_title', keys: ['e', 'F2'] },
      { label: 'keys.clear', keys: ['Esc'] },
    ],
  },
  {
    title: 'keys.board',
    rows: [
      { label: 'keys.other_card', keys: ['↑', '↓', '←', '→'] },
      { label: 'keys.move_card', keys: ['Shift+↑', 'Shift+↓', 'Shift+←', 'Shift+→'] },
      { label: 'keys.card_menu', keys: ['m'] },
    ],
  },
  {
    title: 'keys.planning',
    rows: [
      { label: 'keys.other_day', keys: ['↑', '↓', '←', '→'] },
      { label: 'keys.other_month', keys: ['PageUp', 'PageDown'] },
      { label: 'keys.open_day', keys: ['Enter'] },
      { label: 'keys.move_task', keys: ['Alt+←', 'Alt+→'] },
      { label: 'keys.move_bar', keys: ['←', '→'] },
      { label: 'keys.move_end', keys: ['Shift+←', 'Shift+→'] },
      { label: 'keys.move_start', keys: ['Alt+←', 'Alt+→'] },
    ],
  },
  {
    title: 'keys.fields',
    rows: [
      { label: 'keys.save', keys: ['Enter'] },
      { label: 'keys.save_long', keys: ['mod+Enter'] },
      { label: 'keys.cancel', keys: ['Esc'] },
      { label: 'keys.open_list', keys: ['↓'] },
    ],
  },
]
