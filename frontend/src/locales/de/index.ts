/** Every file beside this one, by its name: one a feature or collection. Each language has the same keys, as locales.test.ts checks. */
const files = import.meta.glob<object>('./*.json', { eager: true, import: 'default' })

export default Object.fromEntries(Object.entries(files).map(([path, words]) => [path.slice('./'.length, -'.json'.length), words]))
