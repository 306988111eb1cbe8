/** The places of the main navigation. */
export const PLACES = [
  { to: '/', label: 'shell.home', icon: 'i-lucide-house' },
  { to: '/contacts', label: 'shell.contacts', icon: 'i-lucide-users' },
  { to: '/projects', label: 'shell.projects', icon: 'i-lucide-folder-kanban' },
  { to: '/tasks', label: 'shell.tasks', icon: 'i-lucide-circle-check-big' },
] as const

export function isAt(path: string, place: string): boolean {
  return place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`)
}
