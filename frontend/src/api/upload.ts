/** Uploads with progress, which `fetch` does not report. */
import { problemFrom, currentTokens } from './client'
import { Unreachable } from './problem'

export interface Upload {
  path: string
  query: Record<string, string | undefined>
  /** The file and further fields. */
  form: FormData
  /** The fraction sent, from 0 to 1. */
  onSent?: (part: number) => void
  signal?: AbortSignal
}

/** Returns the response body. Throws `ApiProblem`, or `AbortError` when aborted. */
export async function upload<Data>(sending: Upload): Promise<Data> {
  const tokens = currentTokens()
  const token = tokens.current()
  const answer = await send(sending, token)
  if (answer.status !== 401 || token === null) return dataOf<Data>(answer)
  const renewed = await tokens.renewed(token)
  return dataOf<Data>(renewed === null ? answer : await send(sending, renewed))
}

function send({ path, query, form, onSent, signal }: Upload, token: string | null): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(calledOff())
    const request = new XMLHttpRequest()
    request.open('POST', `${path}${searchOf(query)}`)
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('X-Requested-With', 'crmtenant')
    if (token !== null) request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.upload.onprogress = (event) => onSent?.(event.total ? event.loaded / event.total : 0)
    request.upload.onload = () => onSent?.(1)
    request.onload = () => resolve(request)
    request.onerror = () => reject(new Unreachable(request.statusText))
    request.onabort = () => reject(calledOff())
    signal?.addEventListener('abort', () => request.abort(), { once: true })
    request.send(form)
  })
}

function searchOf(query: Upload['query']): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length ? `?${new URLSearchParams(given)}` : ''
}

function dataOf<Data>(request: XMLHttpRequest): Data {
  const body = parsed(request.responseText)
  if (request.status < 200 || request.status > 299) {
    throw problemFrom(request.status, body, request.getResponseHeader('Retry-After'))
  }
  return body as Data
}

/** The JSON of the response; null for anything else, such as a proxy's error page. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const calledOff = (): DOMException => new DOMException('called off', 'AbortError')
