// What must hold at the end: the same document everywhere, and a ledger without a hole or a double.
import assert from 'node:assert/strict'
import * as Y from 'yjs'
import { until } from './until.mjs'

const topLevel = [...Array.from({ length: 8 }, (_, i) => [`session-${i}`, 'getText']),
  ['shared', 'getText'], ['notes', 'getXmlFragment'], ['plan', 'getMap'], ['board', 'getArray'], ['ledger', 'getArray']]

/** Everything that a reader of the document can see, as plain values. */
export function contentOf(doc) {
  return Object.fromEntries(topLevel.map(([name, get]) => {
    const type = doc[get](name)
    return [name, get === 'getText' ? type.toDelta() : type.toJSON()]
  }))
}

function same(a, b) {
  return Buffer.from(Y.encodeStateVector(a)).equals(Buffer.from(Y.encodeStateVector(b))) &&
    Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))
}

/** Waits until all writers hold the same, then compares it value by value. */
export async function converge(writers, limit = 60_000) {
  const describe = () => 'equal documents; state vectors: ' + writers.map((w) =>
    `${w.name}${w.provider.synced ? '' : ' (not in sync)'} ${JSON.stringify(Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(w.doc))))}`).join('; ')
  await until(describe, () => writers.every((w) => w.provider.synced && same(w.doc, writers[0].doc)), { limit, every: 50 })
  const expected = contentOf(writers[0].doc)
  for (const writer of writers) {
    assert.equal(writer.doc.store.pendingStructs, null, `${writer.name} still waits for something`)
    assert.deepEqual(contentOf(writer.doc), expected, `${writer.name} differs`)
  }
}

/** C2 and C3 on one reader's ledger: nothing seen is missing, nothing is there twice, nothing is invented. */
export function checkLedger(reader, writers) {
  const final = reader.ledger.toArray()
  const once = new Set(final)
  assert.equal(once.size, final.length, `twice in the ledger: ${final.filter((id, i) => final.indexOf(id) !== i).slice(0, 5)}`)
  const sent = new Set(writers.flatMap((w) => w.sent))
  assert.deepEqual(final.filter((id) => !sent.has(id)).slice(0, 5), [], 'nobody wrote these')
  for (const writer of writers) {
    assert.deepEqual([...writer.seen].filter((id) => !once.has(id)).slice(0, 5), [], `${writer.name} saw these, and they are gone`)
    assert.deepEqual(writer.seenTwice.slice(0, 5), [], `${writer.name} saw these twice`)
  }
  return once
}

/** Where everyone is still here, whatever anyone typed has arrived as well; `gone` wrote too, and left early. */
export function checkComplete(reader, writers, gone = []) {
  const ledger = checkLedger(reader, [...writers, ...gone])
  for (const writer of writers) {
    assert.deepEqual(writer.sent.filter((id) => !ledger.has(id)).slice(0, 5), [], `${writer.name} typed these, and they are gone`)
    if (writer.provider?.synced) assert.equal(writer.seen.size + writer.sent.length, ledger.size, `${writer.name} was not shown all`)
  }
}
