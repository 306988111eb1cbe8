/** The HTTP client, typed by the OpenAPI document; every error response becomes an `ApiProblem`. */
import createClient from 'openapi-fetch'
import { ApiProblem, Unreachable } from './problem'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

/** The source of access tokens; `renewed` is called once after a 401. */
export interface TokenSource {
  current: () => string | null
  renewed: (refused: string) => Promise<string | null>
}

let tokens: TokenSource = { current: () => null, renewed: () => Promise.resolve(null) }

export function provideTokens(source: TokenSource): void {
  tokens = source
}

/** For requests that cannot use `fetch`: see upload.ts. */
export const currentTokens = (): TokenSource => tokens

/** Paths where a 401 is not about the access token, or where renewing would wait for itself. */
const ABOUT_THEMSELVES = new Set(['/api/sessions/refresh', '/api/sessions', '/api/sessions/support', '/api/invitations'])

const mayBeRenewed = (request: Request): boolean =>
  request.method === 'GET' || !ABOUT_THEMSELVES.has(new URL(request.url).pathname)

async function fetchWithToken(request: Request): Promise<Response> {
  const token = tokens.current()
  const spare = request.clone()
  const answer = await send(request, token)
  if (answer.status !== 401 || token === null || !mayBeRenewed(request)) return answer
  const renewed = await tokens.renewed(token)
  return renewed === null ? answer : send(spare, renewed)
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`)
  try {
    return await fetch(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new Unreachable(error)
  }
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: fetchWithToken,
  headers: { 'X-Requested-With': 'crmtenant' },
})

export interface WithEtag<Data> {
  data: Data
  etag: string | null
}

type Pending<Data> = Promise<{ data?: Data; error?: unknown; response: Response }>

/** Returns the response body and ETag. Throws `ApiProblem`. */
export async function bodyWithEtag<Data>(pending: Pending<Data>): Promise<WithEtag<Data>> {
  const { data, error, response } = await pending
  if (!response.ok) throw problemOf(response, error)
  return { data: data as Data, etag: response.headers.get('ETag') }
}

/** Returns the response body. Throws `ApiProblem`. */
export async function body<Data>(pending: Pending<Data>): Promise<Data> {
  return (await bodyWithEtag(pending)).data
}

/** Returns the number of the batch that the request made, by which it can be undone; null where it made none. Throws `ApiProblem`. */
export async function batchMade(pending: Pending<unknown>): Promise<number | null> {
  const { error, response } = await pending
  if (!response.ok) throw problemOf(response, error)
  const batch = response.headers.get('Batch')
  return batch === null ? null : Number(batch)
}

function problemOf(response: Response, error: unknown): ApiProblem {
  return problemFrom(response.status, error, response.headers.get('Retry-After'))
}

/** An error response as `ApiProblem`, whatever its body. */
export function problemFrom(status: number, error: unknown, retryAfter: string | null): ApiProblem {
  return new ApiProblem(status, typeof error === 'object' && error !== null ? error : {}, retryAfter)
}

/** Drops query parameters that are undefined, null or empty. */
export function withoutEmpty<Query extends object>(query: Query): Query {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return Object.fromEntries(kept) as Query
}
