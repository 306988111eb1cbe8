import { refusalOf, sayingOf } from './saying'
import type { components } from './schema'

type Problem = components['schemas']['Problem']
export type FieldError = components['schemas']['ProblemFault']

/** A problem document of the server; `current` is the newer item that a stale change met. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly errors: readonly FieldError[]
  readonly current: unknown
  readonly retryAfterSeconds: number | null

  constructor(status: number, body: Partial<Problem> & { current?: unknown }, retryAfter: string | null = null) {
    super(refusalOf(body, status))
    this.name = 'ApiProblem'
    this.status = status
    this.code = body.code ?? 'unknown'
    this.requestId = body.request_id ?? null
    this.errors = (body.errors ?? []).map((error) => ({ ...error, detail: sayingOf(error) }))
    this.current = body.current
    this.retryAfterSeconds = retryAfter === null ? null : Number(retryAfter)
  }

  /** The error at this JSON pointer (`/emails/0/value`) of the body, or below it. */
  errorAt(pointer: string): FieldError | undefined {
    return this.errors.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))
  }
}

/** The server could not be reached, or its response could not be read. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('unreachable', { cause })
    this.name = 'Unreachable'
  }
}

export function isProblem(error: unknown, status?: number): error is ApiProblem {
  return error instanceof ApiProblem && (status === undefined || error.status === status)
}
