/** The messages by file name: one file per feature or collection. locales.test.ts checks that all languages have the same keys. */
const files = import.meta.glob<object>('./*.json', { eager: true, import: 'default' })

export default Object.fromEntries(Object.entries(files).map(([path, words]) => [path.slice('./'.length, -'.json'.length), words]))
