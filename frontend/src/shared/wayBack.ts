/** The way back from the page of an item to the list it was opened from. */
import { useRouter } from 'vue-router'

/** The list's address as it was left, with its filters; its plain address where the page was entered from elsewhere. */
export function cameFromList(path: string): string {
  const before: unknown = useRouter().options.history.state.back
  if (typeof before !== 'string') return path
  const [place, query = ''] = before.split('?')
  if (place !== path) return path
  const kept = new URLSearchParams(query)
  kept.delete('open')
  return kept.size ? `${path}?${kept}` : path
}
