/** Downloads from the API, which need the token that a plain link does not carry. */
import { api, body } from './client'

/** Downloads the contacts as a file. */
export async function downloadContacts(format: 'csv' | 'json' | 'vcard', filters: object): Promise<void> {
  const text = await body(
    api.GET('/api/contacts/export', { params: { query: { ...filters, format } }, parseAs: 'blob' }),
  )
  const ending = { csv: 'csv', json: 'json', vcard: 'vcf' }[format]
  keep(text as unknown as Blob, `contacts.${ending}`)
}

export function keep(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
