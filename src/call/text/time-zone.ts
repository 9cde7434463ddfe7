const AREA_LOCATION =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)(?:\/[A-Za-z0-9_+-]+)+$/;

/**
 * What people may mean by an abbreviation or a word. ICU accepts many of them, but picks one place each: `BST` is
 * Dhaka, `PST` is Manila and `ART` is Cairo.
 */
const CANDIDATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['ACT', ['Australia/Darwin', 'America/Rio_Branco']],
  ['ADT', ['America/Halifax']],
  ['AEDT', ['Australia/Sydney']],
  ['AEST', ['Australia/Sydney', 'Australia/Brisbane']],
  ['AET', ['Australia/Sydney', 'Australia/Brisbane']],
  ['AKDT', ['America/Anchorage']],
  ['AKST', ['America/Anchorage']],
  ['ALASKA', ['America/Anchorage']],
  ['ART', ['America/Argentina/Buenos_Aires', 'Africa/Cairo']],
  ['AST', ['America/Halifax', 'America/Puerto_Rico', 'Asia/Riyadh']],
  ['ATLANTIC', ['America/Halifax']],
  ['AWST', ['Australia/Perth']],
  ['BRT', ['America/Sao_Paulo']],
  ['BST', ['Europe/London', 'Asia/Dhaka']],
  ['CAT', ['Africa/Harare', 'Africa/Johannesburg']],
  ['CDT', ['America/Chicago', 'America/Havana']],
  ['CENTRAL', ['America/Chicago']],
  ['CEST', ['Europe/Berlin', 'Europe/Paris']],
  ['CET', ['Europe/Berlin', 'Europe/Paris']],
  ['CST', ['America/Chicago', 'America/Mexico_City', 'Asia/Shanghai', 'America/Havana']],
  ['CT', ['America/Chicago']],
  ['EASTERN', ['America/New_York', 'America/Toronto']],
  ['EAT', ['Africa/Nairobi']],
  ['ECT', ['America/Guayaquil', 'Europe/Paris']],
  ['EDT', ['America/New_York', 'America/Toronto']],
  ['EEST', ['Europe/Athens', 'Europe/Kyiv']],
  ['EET', ['Europe/Athens', 'Europe/Kyiv', 'Africa/Cairo']],
  ['EST', ['America/New_York', 'America/Panama', 'Australia/Sydney']],
  ['ET', ['America/New_York', 'America/Toronto']],
  ['GB', ['Europe/London']],
  ['GMT', ['Europe/London', 'Africa/Accra', 'UTC']],
  ['GST', ['Asia/Dubai', 'Pacific/Guam']],
  ['HAWAII', ['Pacific/Honolulu']],
  ['HST', ['Pacific/Honolulu']],
  ['IST', ['Asia/Kolkata', 'Europe/Dublin', 'Asia/Jerusalem']],
  ['JST', ['Asia/Tokyo']],
  ['KST', ['Asia/Seoul']],
  ['MDT', ['America/Denver']],
  ['MET', ['Europe/Berlin', 'Europe/Paris']],
  ['MOUNTAIN', ['America/Denver', 'America/Phoenix']],
  ['MSK', ['Europe/Moscow']],
  ['MST', ['America/Denver', 'America/Phoenix', 'Asia/Kuala_Lumpur', 'Asia/Yangon']],
  ['MT', ['America/Denver', 'America/Phoenix']],
  ['NST', ['America/St_Johns', 'Pacific/Norfolk']],
  ['NZDT', ['Pacific/Auckland']],
  ['NZST', ['Pacific/Auckland']],
  ['PACIFIC', ['America/Los_Angeles']],
  ['PDT', ['America/Los_Angeles']],
  ['PKT', ['Asia/Karachi']],
  ['PST', ['America/Los_Angeles', 'Asia/Manila']],
  ['PT', ['America/Los_Angeles', 'Europe/Lisbon']],
  ['SAST', ['Africa/Johannesburg']],
  ['SGT', ['Asia/Singapore']],
  ['SST', ['Asia/Singapore', 'Pacific/Pago_Pago', 'Pacific/Guadalcanal']],
  ['VST', ['Asia/Ho_Chi_Minh']],
  ['WAT', ['Africa/Lagos']],
  ['WET', ['Europe/Lisbon']],
  ['WIB', ['Asia/Jakarta']],
]);

/**
 * Why a name is not a valid time zone; `undefined` if it is. Valid are `UTC` and the IANA names with the format
 * `Area/Location`. For any other name the message suggests candidates, but none is chosen automatically.
 */
export function timeZoneProblem(name: string): string | undefined {
  if (name === 'UTC' || (AREA_LOCATION.test(name) && isKnown(name))) return undefined;
  // "Eastern", "US Eastern" and Windows' "Eastern Standard Time" mean the same.
  const word = name.toUpperCase().replace(/^US |(?: (?:STANDARD|DAYLIGHT))?(?: TIME)?$/g, '');
  const examples = CANDIDATES.get(word) ?? ['America/New_York'];
  return `is not an IANA time zone, such as ${examples.join(' or ')}`;
}

// --- internal ---

function isKnown(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
