// What a reader of a document sees, in a form that compares.
import * as Y from 'yjs'
import { roots } from './edits.js'

const plain = v => {
  if (v === undefined) return '(undefined)'
  if (typeof v === 'bigint') return `(bigint ${v})`
  if (typeof v === 'number') return Object.is(v, -0) ? '(-0)' : Number.isFinite(v) ? v : `(${v})`
  if (v instanceof Uint8Array) return `(bytes ${Buffer.from(v).toString('hex')})`
  if (v instanceof Y.Doc) return { guid: v.guid, autoLoad: v.autoLoad, gc: v.gc, meta: plain(v.meta) }
  if (v instanceof Y.XmlHook) return '(hook)'
  if (v instanceof Y.XmlElement) return { name: v.nodeName, attributes: plain(v.getAttributes()), inside: v.toArray().map(plain) }
  if (v instanceof Y.XmlFragment) return v.toArray().map(plain)
  if (v instanceof Y.Text) return plain(v.toDelta())
  if (v instanceof Y.Map) return plain(Object.fromEntries([...v.entries()]))
  if (v instanceof Y.Array) return v.toArray().map(plain)
  if (Array.isArray(v)) return v.map(plain)
  if (v === null || typeof v !== 'object') return v
  return Object.fromEntries(Object.keys(v).sort().map(key => [key, plain(v[key])]))
}

const blurred = (_, v) => typeof v === 'string' ? v.replace(/[\ud800-\udfff]/g, '\ufffd') : v

/**
 * A caret between the halves of a surrogate pair makes a client hold two U+FFFD there, sometimes without telling
 * anyone: in programs with such carets (`partsPairs`) halves and U+FFFD count as the same.
 */
export const view = (doc, partsPairs = false) => ({
  roots: partsPairs ? JSON.parse(JSON.stringify(roots(doc).map(plain), blurred)) : roots(doc).map(plain),
  stateVector: [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort((a, b) => a[0] - b[0]),
  pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null
})

/**
 * A fresh document that was given these updates, one by one, yet in one transaction: after each transaction Yjs
 * removes formatting that it takes to be redundant, and what it finds then depends on how updates were batched.
 */
export const load = updates => {
  const doc = new Y.Doc()
  doc.transact(() => { for (const update of updates) Y.applyUpdate(doc, update) })
  return doc
}
