// node --test
import assert from 'node:assert/strict';
import test from 'node:test';
import { build, direction, lineAt, progress, sounding, words } from './lyrics.js';

const bytes = (s) => new TextEncoder().encode(s).length;

/** Cues for the given slices of a text, in order, one second each. */
function cues(value, slices) {
  let from = 0;
  return slices.map((slice, i) => {
    const at = value.indexOf(slice, from);
    from = at + slice.length;
    const byteStart = bytes(value.slice(0, at));
    return { start: i * 1000, end: (i + 1) * 1000, value: slice, byteStart, byteEnd: byteStart + bytes(slice) - 1 };
  });
}

test('Devanagari words are whole, and punctuation goes with its word', () => {
  const value = 'पोथी पढ़ि पढ़ि जग मुआ।';
  const pieces = words(value, cues(value, ['पोथी', 'पढ़ि', 'पढ़ि', 'जग', 'मुआ']));
  assert.deepEqual(pieces.filter((p) => p.parts).map((p) => p.text), ['पोथी', 'पढ़ि', 'पढ़ि', 'जग', 'मुआ।']);
  assert.equal(pieces.map((p) => p.text).join(''), value);
});

test('syllables of one word become one word that fills in parts', () => {
  const pieces = words('le-ga-to now', cues('le-ga-to now', ['le-', 'ga-', 'to', 'now']));
  const [word] = pieces;
  assert.equal(word.text, 'le-ga-to');
  assert.equal(word.parts.length, 3);
  assert.equal(progress(word.parts, 1000), 3 / 8);
  assert.equal(progress(word.parts, 5000), 1);
  assert.equal(sounding(word.parts, 2999), true);
  assert.equal(sounding(word.parts, 3000), false);
});

test('a word fills by letters, not by code points', () => {
  // four code points and one letter, then one code point and one letter
  const [word] = words('क्षिक', cues('क्षिक', ['क्षि', 'क']));
  assert.deepEqual(word.parts.map((part) => part.share), [0.5, 0.5]);
});

test('scripts without spaces keep their cues apart', () => {
  const pieces = words('東京の夜', cues('東京の夜', ['東京', 'の', '夜']));
  assert.deepEqual(pieces.map((p) => p.text), ['東京', 'の', '夜']);
});

test('cues that do not fit the text are refused', () => {
  const inside = [{ start: 0, end: 1, byteStart: 1, byteEnd: 2 }]; // inside the first code point
  const past = [{ start: 0, end: 1, byteStart: 0, byteEnd: 900 }];
  const overlapping = [...cues('one two', ['one']), { start: 2, end: 3, byteStart: 1, byteEnd: 4 }];
  assert.equal(words('दो', inside), null);
  assert.equal(words('दो', past), null);
  assert.equal(words('one two', overlapping), null);
  assert.equal(words('one', [{ end: 3, byteStart: 0, byteEnd: 2 }]), null);
});

test('layers gather under the nearest main line; offset moves them earlier; long pauses show', () => {
  const json = {
    structuredLyrics: [
      { kind: 'main', lang: 'hi', synced: true, line: [{ start: 4000, value: 'एक' }, { start: 8000, value: 'दो' }] },
      { kind: 'translation', lang: 'en', synced: true, offset: 100, line: [{ start: 8200, value: 'two' }, { start: 4000, value: 'one' }] },
    ],
  };
  const { lines, kinds, synced } = build(json);
  assert.equal(synced, true);
  assert.deepEqual(kinds, ['translation']);
  assert.deepEqual(lines.map((l) => l.rest), [true, false, false]);
  assert.deepEqual(lines[1].rows.map((r) => r.pieces[0].text), ['एक', 'one']);
  assert.deepEqual(lines[2].rows.map((r) => r.pieces[0].text), ['दो', 'two']);
  assert.equal(lineAt(lines, -1), -1);
  assert.equal(lineAt(lines, 3999), 0);
  assert.equal(lineAt(lines, 4000), 1);
  assert.equal(lineAt(lines, 1e9), 2);
});

test('lyrics without times are text alone', () => {
  const { lines, synced } = build({ structuredLyrics: [{ kind: 'main', lang: 'id', synced: false, line: [{ value: 'satu' }, { value: '' }] }] });
  assert.equal(synced, false);
  assert.equal(lines.length, 1);
  assert.equal(lines[0].start, null);
  assert.deepEqual(build(null).lines, []);
});

test('directions', () => {
  assert.equal(direction('ur'), 'rtl');
  assert.equal(direction('ur-Latn'), 'ltr');
  assert.equal(direction('sd-Deva'), 'ltr');
  assert.equal(direction('pa-Arab-PK'), 'rtl');
  assert.equal(direction('hi'), 'ltr');
});
