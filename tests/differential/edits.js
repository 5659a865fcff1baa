// One random edit of a document, by all the kinds of content that Yjs 13 writes.
import * as Y from 'yjs'

const letters = ['a', 'b', 'c', ' ', '\n', 'é', 'ß', '語', '한', '😀', '👩‍👩', '\u0301', '\ufeff', '\0', '\ufffd']
const keys = ['k', 'l', '', 'ключ', '😀', '__proto__x']

const word = random => {
  let out = ''
  for (let i = 1 + random.below(6); i > 0; i--) out += random.pick(letters)
  return out
}

const scalar = random => random.pick([
  0, -1, 42, 2 ** 31, -(2 ** 40), 0.1, 1.5, -0, true, false, null, 'text', '', '😀', 2n ** 60n, -5n,
  Number.MAX_SAFE_INTEGER, Infinity
])

const value = (random, depth = 0) => {
  const kind = random.below(depth < 3 ? 10 : 7)
  if (kind < 7) return scalar(random)
  if (kind === 7) return new Uint8Array([random.below(256), 255, 0])
  if (kind === 8) return [value(random, depth + 1), value(random, depth + 1)]
  return { [random.pick(keys)]: value(random, depth + 1), z: scalar(random) }
}

/** Y.Array takes a bigint only inside another value. */
const element = v => typeof v === 'bigint' ? [v] : v

const newType = random => random.pick([
  () => new Y.Map(), () => new Y.Array(), () => new Y.Text(word(random)), () => new Y.XmlFragment(),
  () => new Y.XmlElement('p'), () => new Y.XmlText('x')
])()

const newDoc = random => new Y.Doc({
  guid: `guid-${random.bits()}`, autoLoad: random.chance(0.3), gc: random.chance(0.7), meta: random.pick([null, { a: 1 }])
})

const attributes = random => random.pick([
  { bold: true }, { bold: null }, { italic: true }, { color: 'red' }, { color: 'blue' }, { link: { href: 'https://e/?😀' } },
  { color: null, bold: true }
])

const range = (random, length) => {
  const at = random.below(length)
  return [at, Math.min(1 + random.below(random.chance(0.1) ? 40 : 5), length - at)]
}

/** Where a careful editor may put its caret: not between the halves of a surrogate pair. */
const carets = text => {
  const out = [0]
  for (const { insert } of text.toDelta()) {
    for (const part of typeof insert === 'string' ? insert : [' ']) out.push(out.at(-1) + part.length)
  }
  return out
}

const editText = (random, text, partsPairs) => {
  const places = partsPairs ? Array.from({ length: text.length + 1 }, (_, i) => i) : carets(text)
  const at = random.pick(places)
  const kind = random.below(12)
  if (kind < 5) return text.insert(at, word(random))
  if (kind === 5) return text.insert(at, word(random), attributes(random))
  if (kind === 6) return text.insertEmbed(at, random.chance(0.5) ? { image: 'u"\\n' } : newType(random))
  if (text.length === 0) return
  const [first, count] = range(random, places.length - 1)
  const [from, length] = [places[first], places[first + count] - places[first]]
  if (kind < 9) return text.format(from, length, attributes(random))
  text.delete(from, length)
}

const editMap = (random, map) => {
  const key = random.pick(keys)
  const kind = random.below(10)
  if (kind < 5) return map.set(key, value(random))
  if (kind < 7) return map.set(key, newType(random))
  if (kind === 7) return map.set(key, newDoc(random))
  map.delete(key)
}

const editArray = (random, array) => {
  const at = random.below(array.length + 1)
  const kind = random.below(10)
  if (kind < 4) return array.insert(at, [value(random), scalar(random), value(random)].map(element))
  if (kind < 6) return array.insert(at, [newType(random)])
  if (array.length === 0) return
  array.delete(...range(random, array.length))
}

const editXml = (random, xml) => {
  const kind = random.below(10)
  if (xml instanceof Y.XmlElement && kind < 3) {
    if (kind === 0) return xml.removeAttribute(random.pick(keys.slice(0, 2)))
    return xml.setAttribute(random.pick(keys.slice(0, 2)), word(random))
  }
  const at = random.below(xml.length + 1)
  if (kind < 5) return xml.insert(at, [new Y.XmlText(word(random))])
  if (kind < 7) return xml.insert(at, [new Y.XmlElement(random.pick(['p', 'h1', 'li']))])
  if (kind === 7) return xml.insert(at, [new Y.XmlHook('hook')])
  if (xml.length === 0) return
  xml.delete(...range(random, xml.length))
}

const isType = v => v instanceof Y.AbstractType && !(v instanceof Y.XmlHook)

const children = type => {
  if (type instanceof Y.XmlFragment) return type.toArray().filter(isType)
  if (type instanceof Y.Array) return type.toArray().filter(isType)
  if (type instanceof Y.Text) return type.toDelta().map(op => op.insert).filter(isType)
  return [...type.values()].filter(isType)
}

export const roots = doc => [doc.getText('t'), doc.getMap('m'), doc.getArray('a'), doc.getXmlFragment('x')]

/** Edits a root or something nested in it; `partsPairs`: as careless editors do, between halves of pairs too. */
export const edit = (random, doc, partsPairs) => {
  let type = random.pick(roots(doc))
  while (random.chance(0.6)) {
    const inside = children(type)
    if (inside.length === 0) break
    type = random.pick(inside)
  }
  if (type instanceof Y.Text) return editText(random, type, partsPairs)
  if (type instanceof Y.XmlFragment) return editXml(random, type)
  if (type instanceof Y.Map) return editMap(random, type)
  editArray(random, type)
}
