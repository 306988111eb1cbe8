import { describe, expect, test } from 'vitest'
import { continued, linked, prefixed, toggledLine, wrapped } from './editing'
import { rendered } from './render'

describe('rendering', () => {
  test('HTML stays text, scripts are no links, pictures are not fetched', () => {
    expect(rendered('<img src=x onerror=alert(1)>')).not.toContain('<img')
    expect(rendered('[x](javascript:alert(1))')).not.toContain('<a')
    expect(rendered('![x](https://elsewhere.example/x.png)')).not.toContain('<img')
  })

  test('links open elsewhere and tell nobody', () => {
    expect(rendered('see https://example.com')).toContain('<a href="https://example.com" target="_blank" rel="noopener noreferrer nofollow">')
  })

  test('checklists have boxes that know their line', () => {
    const html = rendered('Before\n\n- [ ] "open" <b>\n- [x] done\n- [link](https://example.com)')
    const boxes = [...html.matchAll(/<input type="checkbox" data-line="(\d+)" aria-label="([^"]*)"( checked)?>/g)]
    expect(boxes.map((box) => [box[1], box[3] !== undefined])).toEqual([['2', false], ['3', true]])
    expect(html).not.toContain('[ ]')
    expect(boxes[0]?.[2]).toBe('&quot;open&quot; &lt;b&gt;')
  })
})

describe('editing', () => {
  test('a selection is marked, and unmarked', () => {
    const bold = wrapped('a word b', 2, 6, '**')
    expect(bold).toEqual({ text: 'a **word** b', from: 4, to: 8 })
    expect(wrapped(bold.text, bold.from, bold.to, '**')).toEqual({ text: 'a word b', from: 2, to: 6 })
  })

  test('lines become items, and lines again', () => {
    const list = prefixed('one\ntwo\nthree', 1, 5, '- ')
    expect(list.text).toBe('- one\n- two\nthree')
    expect(prefixed(list.text, 0, 9, '- ').text).toBe('one\ntwo\nthree')
  })

  test('the address of a link is selected', () => {
    const { text, from, to } = linked('see here', 4, 8)
    expect(text).toBe('see [here](https://)')
    expect(text.slice(from, to)).toBe('https://')
  })

  test.each([
    ['- one', '- one\n- '], ['  * one', '  * one\n  * '], ['- [x] one', '- [x] one\n- [ ] '], ['3. three', '3. three\n4. '], ['- ', ''],
  ])('Enter after %j', (text, expected) => expect(continued(text, text.length)?.text).toBe(expected))

  test('Enter elsewhere is Enter', () => expect(continued('words', 5)).toBeNull())

  test('a box is ticked and unticked in its line alone', () => {
    const text = '- [ ] one\n  1. [x] two'
    expect(toggledLine(text, 0)).toBe('- [x] one\n  1. [x] two')
    expect(toggledLine(text, 1)).toBe('- [ ] one\n  1. [ ] two')
    expect(toggledLine(text, 7)).toBe(text)
  })
})
