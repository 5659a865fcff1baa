// Random edits of every kind that an editor makes: text, formats, undo, nested maps, arrays, a document tree.
import * as Y from 'yjs'
import { randomFor } from './random.mjs'
import { room } from './trace.mjs'
import { typing } from './writer.mjs'

const formats = [{ bold: true }, { bold: null }, { italic: true }, { link: 'https://example.org/' }, { color: '#a06000' }]

function range(random, length) {
  const at = random.below(length)
  return [at, 1 + random.below(Math.min(8, length - at))]
}

const kinds = [
  function insertText(doc, random) {
    const text = doc.getText('shared')
    text.insert(random.below(text.length + 1), random.letters(1 + random.below(6)))
  },
  function deleteText(doc, random) {
    const text = doc.getText('shared')
    if (text.length > 20) text.delete(...range(random, text.length))
  },
  function format(doc, random) {
    const text = doc.getText('shared')
    if (text.length > 0) text.format(...range(random, text.length), random.pick(formats))
  },
  function setInMap(doc, random) {
    doc.getMap('plan').set(`step ${random.below(12)}`, random.pick([random.below(1e9), random.next(), random.letters(5), null, true, { due: '2026-12-01', done: [1, 2] }]))
  },
  function nestedMap(doc, random) {
    const plan = doc.getMap('plan')
    const key = `person ${random.below(4)}`
    if (!(plan.get(key) instanceof Y.Map) || random.chance(0.05)) plan.set(key, new Y.Map())
    plan.get(key).set(`role ${random.below(3)}`, random.letters(4))
  },
  function deleteFromMap(doc, random) {
    doc.getMap('plan').delete(`step ${random.below(12)}`)
  },
  function insertInArray(doc, random) {
    const board = doc.getArray('board')
    board.insert(random.below(board.length + 1), [random.chance(0.5) ? new Y.Map([['text', random.letters(5)]]) : random.letters(3)])
  },
  function deleteFromArray(doc, random) {
    const board = doc.getArray('board')
    if (board.length > 10) board.delete(random.below(board.length), 1)
  },
  function paragraph(doc, random) {
    const notes = doc.getXmlFragment('notes')
    const element = new Y.XmlElement('paragraph')
    element.insert(0, [new Y.XmlText(random.letters(8))])
    notes.insert(random.below(notes.length + 1), [element])
  },
  function attribute(doc, random) {
    const notes = doc.getXmlFragment('notes')
    if (notes.length > 0) notes.get(random.below(notes.length)).setAttribute('align', random.pick(['start', 'end']))
  }
]

/** One writer's stream of random edits, with its own undo and redo. */
export class RandomEditor {
  constructor(writer) {
    this.writer = writer
    this.random = randomFor(`edits of ${writer.name}`)
    const { doc } = writer
    this.undo = new Y.UndoManager([doc.getText('shared'), doc.getMap('plan'), doc.getArray('board'), doc.getXmlFragment('notes')],
      { trackedOrigins: new Set([typing]), captureTimeout: 0 })
  }

  once() {
    const { random, writer } = this
    // Undo is a transaction of its own; its ledger entry follows in the next.
    if (random.chance(0.08)) this.undo.undo()
    else if (random.chance(0.04)) this.undo.redo()
    const kind = random.chance(0.5) ? kinds[0] : random.pick(kinds)
    writer.edit((doc) => kind(doc, random))
  }

  async many(count, onEdit = () => {}) {
    for (let i = 0; i < count; i++) {
      this.once()
      onEdit()
      await room(this.writer)
    }
  }
}
