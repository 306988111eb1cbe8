/** A fake server for sessions: one valid refresh token, access tokens that can be expired. */
import { json } from './tabs'

interface Place {
  user: string
  company: string
}

const HOME: Place = { user: 'u_ada', company: 'c_blue' }

export class SessionServer {
  isReachable = true
  /** Whether the browser has a valid refresh cookie. */
  hasCookie = true
  place: Place = HOME
  /** Status codes that refreshing returns before it succeeds. */
  refusals: number[] = []
  readonly asked: string[] = []
  private made = 0
  private readonly live = new Map<string, Place>()

  count(request: string): number {
    return this.asked.filter((asked) => asked === request).length
  }

  /** Expires all access tokens. */
  expire(): void {
    this.live.clear()
  }

  answer = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname
    const asked = `${request.method} ${path}`
    this.asked.push(asked)
    // Responses are never synchronous.
    await Promise.resolve()
    if (!this.isReachable) throw new TypeError('Failed to fetch')
    if (asked === 'POST /api/sessions/refresh') return this.refresh()
    if (asked === 'POST /api/sessions') return this.signIn()
    if (asked === 'DELETE /api/sessions/current') return this.signOut()
    const place = this.live.get((request.headers.get('Authorization') ?? '').replace('Bearer ', ''))
    if (place === undefined) return problem(401)
    if (asked === 'POST /api/sessions/switch') return this.switchTo(((await request.json()) as { company: string }).company)
    if (asked === 'GET /api') return json(200, { user: { id: place.user }, company: { id: place.company }, permissions: ['contact:read'] })
    return json(200, { items: [place.company], next: null })
  }

  private refresh(): Response {
    const refusal = this.refusals.shift()
    if (refusal !== undefined) return problem(refusal)
    return this.hasCookie ? this.opened() : problem(401)
  }

  private signIn(): Response {
    this.hasCookie = true
    return this.opened()
  }

  private signOut(): Response {
    if (!this.hasCookie) return problem(401)
    this.hasCookie = false
    this.expire()
    return new Response(null, { status: 204 })
  }

  private switchTo(company: string): Response {
    this.place = { ...this.place, company }
    return this.opened()
  }

  private opened(): Response {
    const token = `token-${(this.made += 1)}`
    this.live.set(token, this.place)
    const { user, company } = this.place
    return json(201, { access_token: token, expires_in: 900, user: { id: user }, company: { id: company }, companies: [{ id: company }] })
  }
}

function problem(status: number): Response {
  return json(status, { status, code: 'refused', title: 'Refused' })
}
