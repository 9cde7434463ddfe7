import { timeZoneProblem } from '../../../src/call/text/time-zone';

describe('a time zone', () => {
  it.each(['UTC', 'Etc/UTC', 'Europe/London', 'America/Argentina/Buenos_Aires', 'US/Pacific'])(
    'can be %s',
    (name) => {
      expect(timeZoneProblem(name)).toBeUndefined();
    },
  );

  it.each([
    'utc',
    'Singapore',
    'EST5EDT',
    'Europe/Atlantis',
    'Europe/London ',
    ' Europe/London',
    'Europe',
    'Europe/',
    '+02:00',
    '',
  ])('cannot be "%s"', (name) => {
    expect(timeZoneProblem(name)).toBe('is not an IANA time zone, such as America/New_York');
  });

  it.each([
    ['ACT', 'Australia/Darwin or America/Rio_Branco'],
    ['ADT', 'America/Halifax'],
    ['AEDT', 'Australia/Sydney'],
    ['AEST', 'Australia/Sydney or Australia/Brisbane'],
    ['AET', 'Australia/Sydney or Australia/Brisbane'],
    ['AKDT', 'America/Anchorage'],
    ['AKST', 'America/Anchorage'],
    ['ALASKA', 'America/Anchorage'],
    ['ART', 'America/Argentina/Buenos_Aires or Africa/Cairo'],
    ['AST', 'America/Halifax or America/Puerto_Rico or Asia/Riyadh'],
    ['ATLANTIC', 'America/Halifax'],
    ['AWST', 'Australia/Perth'],
    ['BRT', 'America/Sao_Paulo'],
    ['BST', 'Europe/London or Asia/Dhaka'],
    ['CAT', 'Africa/Harare or Africa/Johannesburg'],
    ['CDT', 'America/Chicago or America/Havana'],
    ['CENTRAL', 'America/Chicago'],
    ['CEST', 'Europe/Berlin or Europe/Paris'],
    ['CET', 'Europe/Berlin or Europe/Paris'],
    ['CST', 'America/Chicago or America/Mexico_City or Asia/Shanghai or America/Havana'],
    ['CT', 'America/Chicago'],
    ['EASTERN', 'America/New_York or America/Toronto'],
    ['EAT', 'Africa/Nairobi'],
    ['ECT', 'America/Guayaquil or Europe/Paris'],
    ['EDT', 'America/New_York or America/Toronto'],
    ['EEST', 'Europe/Athens or Europe/Kyiv'],
    ['EET', 'Europe/Athens or Europe/Kyiv or Africa/Cairo'],
    ['EST', 'America/New_York or America/Panama or Australia/Sydney'],
    ['ET', 'America/New_York or America/Toronto'],
    ['GB', 'Europe/London'],
    ['GMT', 'Europe/London or Africa/Accra or UTC'],
    ['GST', 'Asia/Dubai or Pacific/Guam'],
    ['HAWAII', 'Pacific/Honolulu'],
    ['HST', 'Pacific/Honolulu'],
    ['IST', 'Asia/Kolkata or Europe/Dublin or Asia/Jerusalem'],
    ['JST', 'Asia/Tokyo'],
    ['KST', 'Asia/Seoul'],
    ['MDT', 'America/Denver'],
    ['MET', 'Europe/Berlin or Europe/Paris'],
    ['MOUNTAIN', 'America/Denver or America/Phoenix'],
    ['MSK', 'Europe/Moscow'],
    ['MST', 'America/Denver or America/Phoenix or Asia/Kuala_Lumpur or Asia/Yangon'],
    ['MT', 'America/Denver or America/Phoenix'],
    ['NST', 'America/St_Johns or Pacific/Norfolk'],
    ['NZDT', 'Pacific/Auckland'],
    ['NZST', 'Pacific/Auckland'],
    ['PACIFIC', 'America/Los_Angeles'],
    ['PDT', 'America/Los_Angeles'],
    ['PKT', 'Asia/Karachi'],
    ['PST', 'America/Los_Angeles or Asia/Manila'],
    ['PT', 'America/Los_Angeles or Europe/Lisbon'],
    ['SAST', 'Africa/Johannesburg'],
    ['SGT', 'Asia/Singapore'],
    ['SST', 'Asia/Singapore or Pacific/Pago_Pago or Pacific/Guadalcanal'],
    ['VST', 'Asia/Ho_Chi_Minh'],
    ['WAT', 'Africa/Lagos'],
    ['WET', 'Europe/Lisbon'],
    ['WIB', 'Asia/Jakarta'],
  ])('cannot be %s, which may mean %s', (name, places) => {
    expect(timeZoneProblem(name)).toBe(`is not an IANA time zone, such as ${places}`);
    for (const place of places.split(' or ')) expect(timeZoneProblem(place)).toBeUndefined();
  });

  it.each([
    ['bst', 'Europe/London or Asia/Dhaka'],
    ['Eastern', 'America/New_York or America/Toronto'],
    ['US Eastern', 'America/New_York or America/Toronto'],
    ['Eastern Time', 'America/New_York or America/Toronto'],
    ['Eastern Standard Time', 'America/New_York or America/Toronto'],
    ['US Eastern Standard Time', 'America/New_York or America/Toronto'],
    ['Pacific Daylight Time', 'America/Los_Angeles'],
  ])('is suggested for %s as for its abbreviation', (name, places) => {
    expect(timeZoneProblem(name)).toBe(`is not an IANA time zone, such as ${places}`);
  });
});
