import * as fc from 'fast-check';
import {
  EMPTY_LISTING,
  oldestMatch,
  withPage,
  type ListedMatch,
  type ListingPage,
} from '../../src/call/listing';

const SENT = Date.parse('2026-12-01T09:00:00.000Z');
const MINUTE = 60_000;

function match(callId: string, createdAt: string | null = null): ListedMatch {
  return { callId, otherIds: [], createdAt };
}

/** A full page, newest first, of rows between these ages in minutes. */
function page(newest: number, oldest: number, fields: Partial<ListingPage> = {}): ListingPage {
  return {
    rows: 100,
    matches: [],
    strangers: 0,
    newestFirst: true,
    newestMs: SENT - newest * MINUTE,
    oldestMs: SENT - oldest * MINUTE,
    ...fields,
  };
}

const EMPTY_PAGE = page(0, 0, { rows: 0, newestMs: null, oldestMs: null });

describe('withPage', () => {
  it.each([
    ['an empty page completes it', EMPTY_PAGE, true],
    ['a short page does not', page(0, 9, { rows: 3 }), false],
    ['a row 10 min older than the send does not', page(0, 10), false],
    ['an older row completes it', page(0, 10.01), true],
    ['an old row in another order does not', page(0, 60, { newestFirst: false }), false],
    ['a page without times does not', page(0, 0, { newestMs: null, oldestMs: null }), false],
  ])('is completed by the right pages: %s', (_, next, complete) => {
    expect(withPage(EMPTY_LISTING, next, SENT).complete).toBe(complete);
  });

  it('ignores an old row after a page in another order', () => {
    const first = withPage(EMPTY_LISTING, page(0, 5, { newestFirst: false }), SENT);
    expect(withPage(first, page(5, 60), SENT).complete).toBe(false);
  });

  it('ignores an old row of a page that is newer than the previous one', () => {
    const first = withPage(EMPTY_LISTING, page(3, 5), SENT);
    expect(withPage(first, page(1, 60), SENT)).toMatchObject({
      newestFirst: false,
      complete: false,
    });
  });

  it('ignores an old row alone, which does not show the order', () => {
    const [oldest, ours] = [page(60, 60, { rows: 1 }), page(1, 1, { rows: 1 })];
    const first = withPage(EMPTY_LISTING, oldest, SENT);
    expect(first.complete).toBe(false);
    expect(withPage(first, ours, SENT)).toMatchObject({ newestFirst: false, complete: false });
  });

  it('accepts an old row alone after a newer one', () => {
    const first = withPage(EMPTY_LISTING, page(1, 1, { rows: 1 }), SENT);
    expect(withPage(first, page(60, 60, { rows: 1 }), SENT).complete).toBe(true);
  });

  it.each([
    ['begins at the time at which the previous one ended', page(5, 60)],
    ['has no time for its first row', page(5, 60, { newestMs: null })],
  ])('accepts an old row of a page that %s', (_, next) => {
    const first = withPage(EMPTY_LISTING, page(0, 5), SENT);
    expect(withPage(first, next, SENT).complete).toBe(true);
  });

  it('halves the number of rows after a page that was too long, and ignores that page', () => {
    const first = withPage(EMPTY_LISTING, page(0, 1), SENT);
    const tooLong = page(0, 60, { rows: 3, strangers: 1, tooLong: true });
    expect(withPage(first, tooLong, SENT)).toEqual({ ...first, limit: 50 });
    expect(withPage({ ...first, limit: 25 }, tooLong, SENT).limit).toBe(12);
    expect(withPage({ ...first, limit: 1 }, tooLong, SENT).limit).toBe(1);
  });

  it('is completed by an empty page even after pages in another order', () => {
    const first = withPage(EMPTY_LISTING, page(0, 5, { newestFirst: false }), SENT);
    expect(withPage(first, EMPTY_PAGE, SENT).complete).toBe(true);
  });

  it('continues after the rows it has read', () => {
    const first = withPage(EMPTY_LISTING, page(0, 1, { rows: 100 }), SENT);
    expect(withPage(first, page(1, 2, { rows: 7 }), SENT).offset).toBe(107);
  });

  it('counts a row on two pages once, since a call may be inserted in between', () => {
    const first = withPage(EMPTY_LISTING, page(0, 1, { matches: [match('a')] }), SENT);
    const second = withPage(first, page(1, 2, { matches: [match('a'), match('b')] }), SENT);
    expect(second.matches.map(({ callId }) => callId)).toEqual(['a', 'b']);
  });

  it('counts the rows with our reference and another number', () => {
    const first = withPage(EMPTY_LISTING, page(0, 1, { strangers: 1 }), SENT);
    expect(withPage(first, page(1, 2, { strangers: 2 }), SENT).strangers).toBe(3);
  });

  it('counts the rows with our reference that show no number, in older histories too', () => {
    const first = withPage(EMPTY_LISTING, page(0, 1, { unnumbered: 1 }), SENT);
    const second = withPage(first, page(1, 2), SENT);
    expect(withPage(second, page(2, 3, { unnumbered: 2 }), SENT).unnumbered).toBe(3);
  });

  it('finds every row, whatever the page size', () => {
    const rows = fc.uniqueArray(fc.stringMatching(/^[a-z]{4}$/), { maxLength: 30 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), (ids, size) => {
        let listing = EMPTY_LISTING;
        while (!listing.complete) {
          const cut = ids.slice(listing.offset, listing.offset + size).map((id) => match(id));
          const next = { ...EMPTY_PAGE, rows: cut.length, matches: cut };
          listing = withPage(listing, next, SENT);
        }
        expect(listing.matches.map(({ callId }) => callId)).toEqual(ids);
      }),
    );
  });
});

describe('oldestMatch', () => {
  it('is the row created first, in any order', () => {
    const rows = [
      match('b', '2026-12-01T09:00:02.000Z'),
      match('a', '2026-12-01T09:00:01.000Z'),
      match('c', '2026-12-01T09:00:03.000Z'),
    ];
    expect(oldestMatch(rows)?.callId).toBe('a');
  });

  it('compares instants, whatever their offsets', () => {
    const rows = [match('b', '2026-12-01T09:00:00Z'), match('a', '2026-12-01T09:30:00+05:00')];
    expect(oldestMatch(rows)?.callId).toBe('a');
  });

  it('sorts a row without a time after rows with one', () => {
    const rows = [match('b', null), match('c', 'soon'), match('a', '2026-12-01T09:00:00Z')];
    expect(oldestMatch(rows)?.callId).toBe('a');
  });

  it('is the first of rows created at the same time', () => {
    expect(oldestMatch([match('a', 'x'), match('b', 'x')])?.callId).toBe('a');
  });

  it('is undefined if there are no rows', () => {
    expect(oldestMatch([])).toBeUndefined();
  });

  it('does not modify the list', () => {
    const rows = [match('b', '2'), match('a', '1')];
    oldestMatch(rows);
    expect(rows.map(({ callId }) => callId)).toEqual(['b', 'a']);
  });
});
