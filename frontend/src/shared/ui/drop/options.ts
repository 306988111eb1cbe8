/** The options of a select. */
export interface Option<Value> {
  value: Value
  label: string
  /** What stands at the right, paler. */
  detail?: string
  /** The colour of a dot before the label. */
  color?: string
  /** The heading that it stands below. */
  group?: string
}

/** From so many options on, a select has a search line. */
export const SEARCHED_FROM = 7
