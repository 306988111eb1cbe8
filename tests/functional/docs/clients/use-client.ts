// A program somebody might write with the types that openapi-typescript made: `node use-client.js URL`.
import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

declare const process: { argv: string[] }

type Contact = components['schemas']['ContactOut']

function check(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(what))
}

const api = createClient<paths>({ baseUrl: process.argv[2] ?? '' })

async function signIn(): Promise<void> {
  const { data, error } = await api.POST('/api/registrations', {
    body: { company_name: 'TypeScript', name: 'Ada Berg', email: 'ada@typescript.example', password: 'seven green umbrellas' },
  })
  check(data !== undefined, error)
  const refreshToken: string | undefined = data.refresh_token
  check(refreshToken === undefined, data)
  api.use({
    onRequest: ({ request }) => {
      request.headers.set('Authorization', `Bearer ${data.access_token}`)
      return request
    },
  })
}

async function writeAndRead(): Promise<Contact> {
  const made = await api.POST('/api/contacts', {
    body: { given_name: 'Anna', job_title: 'Buyer', note: 'Met in Rome', emails: [{ value: 'anna@example.com' }] },
    params: { header: { 'Idempotency-Key': 'anna' } },
  })
  check(made.data !== undefined, made.error)
  const path = { contact_id: made.data.id }
  const header = { 'If-Match': made.response.headers.get('ETag') ?? '' }
  const changed = await api.PATCH('/api/contacts/{contact_id}', { params: { path, header }, body: { note: null } })
  check(changed.data?.note === null && changed.data.job_title === 'Buyer', changed)
  const stale = await api.PATCH('/api/contacts/{contact_id}', { params: { path, header }, body: { note: 'Lost' } })
  check(stale.error?.status === 412, stale)
  // @ts-expect-error: a contact always has a kind
  const kindless = await api.PATCH('/api/contacts/{contact_id}', { params: { path }, body: { kind: null } })
  check(kindless.response.status === 422, kindless)
  return changed.data
}

async function beRefused(): Promise<void> {
  const { error } = await api.POST('/api/contacts', { body: { given_name: 'x'.repeat(101) } })
  const errors: components['schemas']['ProblemFault'][] | undefined = error?.errors
  check(errors?.[0]?.pointer === '/given_name', error)
  const nameless = await api.PATCH('/api/profile', { body: { name: '' } })
  check(nameless.response.status === 422, nameless)
}

async function sendFiles(): Promise<void> {
  const items = [{ given_name: 'Ben' }, { given_name: 'Cem' }]
  const imported = await api.POST('/api/contacts/import', { params: { query: { dry_run: true } }, body: { items } })
  check(imported.data?.created === 2, imported)
  const csv = await api.POST('/api/contacts/import', {
    body: 'Name,Mail\nDora,dora@example.com\n',
    bodySerializer: (body) => body as string,
    headers: { 'Content-Type': 'text/csv' },
  })
  check(csv.data?.created === 1, csv)
}

async function walk(): Promise<string[]> {
  const names: string[] = []
  let cursor: string | undefined
  for (;;) {
    const query = { limit: 1, sort: 'name', ...(cursor === undefined ? {} : { cursor }) } as const
    const { data, error } = await api.GET('/api/contacts', { params: { query } })
    check(data !== undefined, error)
    names.push(...data.items.map((contact) => contact.name))
    if (data.next_cursor === null) return names
    cursor = data.next_cursor
  }
}

await signIn()
const anna = await writeAndRead()
await beRefused()
await sendFiles()
const bulk = await api.POST('/api/contacts/bulk', { body: { create: [{ name: 'Emil' }] } })
check(bulk.data?.created.length === 1, bulk)
const names = await walk()
check(names.join() === 'Anna,Dora,Emil', names)
const task = await api.POST('/api/tasks', { body: { title: 'Call Anna', contact_id: anna.id } })
check(task.data !== undefined, task.error)
const moved = await api.POST('/api/tasks/{task_id}/move', { params: { path: { task_id: task.data.id } }, body: { project_id: null } })
check(moved.data?.project_id === null, moved)
const found = await api.GET('/api/search', { params: { query: { q: 'anna' } } })
check(found.data?.items.length === 2, found)
