/** Guesses a company's country from the browser, as a default to correct. */

export interface Home {
  country: string | null
  currency: string | null
  language: string
  time_zone: string
}

const EURO = new Set('AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' '))
const CURRENCIES: Record<string, string> = {
  US: 'USD', GB: 'GBP', CH: 'CHF', LI: 'CHF', JP: 'JPY', CN: 'CNY', CA: 'CAD', AU: 'AUD', NZ: 'NZD', SE: 'SEK', NO: 'NOK',
  DK: 'DKK', PL: 'PLN', CZ: 'CZK', HU: 'HUF', RO: 'RON', TR: 'TRY', IN: 'INR', BR: 'BRL', MX: 'MXN', ZA: 'ZAR', KR: 'KRW',
  SG: 'SGD', HK: 'HKD', IL: 'ILS', AE: 'AED',
}
/** Countries by time zone, where the browser's language does not tell. */
const ZONES: Record<string, string> = {
  'Europe/Berlin': 'DE', 'Europe/Vienna': 'AT', 'Europe/Zurich': 'CH', 'Europe/London': 'GB', 'Europe/Paris': 'FR',
  'Europe/Madrid': 'ES', 'Europe/Rome': 'IT', 'Europe/Amsterdam': 'NL', 'Europe/Brussels': 'BE', 'Europe/Warsaw': 'PL',
  'Europe/Stockholm': 'SE', 'Europe/Oslo': 'NO', 'Europe/Copenhagen': 'DK', 'Asia/Tokyo': 'JP', 'Asia/Kolkata': 'IN',
  'America/New_York': 'US', 'America/Chicago': 'US', 'America/Los_Angeles': 'US', 'America/Toronto': 'CA',
  'America/Sao_Paulo': 'BR', 'Australia/Sydney': 'AU', 'Pacific/Auckland': 'NZ',
}

export function currencyOf(country: string | null): string | null {
  if (country === null) return null
  return EURO.has(country) ? 'EUR' : (CURRENCIES[country] ?? null)
}

/** The time zone counts more than the language: many people outside the USA use English. */
export function guessHome(languages: readonly string[], timeZone: string): Home {
  const regions = languages.map((language) => new Intl.Locale(language).region)
  const country = ZONES[timeZone] ?? regions.find((region) => region !== undefined) ?? null
  const language = new Intl.Locale(languages[0] ?? 'en').language
  return { country, currency: currencyOf(country), language, time_zone: timeZone }
}

/** All countries the browser can name, by name. */
export function countries(locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  const NOT_COUNTRIES = new Set(['AN', 'BU', 'CS', 'DD', 'EU', 'EZ', 'FX', 'NT', 'QO', 'SU', 'TP', 'UK', 'UN', 'XA', 'XB', 'XK', 'YD', 'YU', 'ZR', 'ZZ', 'AC', 'CP', 'CQ', 'DG', 'DY', 'EA', 'HV', 'IC', 'NH', 'RH', 'TA', 'VD', 'FQ', 'JT', 'MI', 'NQ', 'PC', 'PU', 'PZ', 'VD', 'WK', 'CT'])
  return codes
    .filter((code) => !NOT_COUNTRIES.has(code) && names.of(code) !== undefined)
    .map((code) => ({ value: code, label: names.of(code) ?? code }))
    .sort((a, b) => a.label.localeCompare(b.label, locale))
}

export function currencies(locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(locale, { type: 'currency' })
  return Intl.supportedValuesOf('currency').map((code) => ({ value: code, label: `${code} – ${names.of(code) ?? code}` }))
}

export function timeZones(): { value: string; label: string }[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))
}
