interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly name: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Formats a JSON line of pino for people: local time, level, process, message and `field=value`. */
export function toTextLine(json: string): string {
  const line: LogLine = JSON.parse(json);
  const { level, time, name, msg = '', pid: _pid, hostname: _hostname, ...fields } = line;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const pairs = Object.entries(fields).map(([field, value]) => `${field}=${valueText(value)}`);
  return [clock, levelText(level), name, onOneLine(msg), ...pairs]
    .filter((part) => part !== '')
    .join('  ');
}

// --- internal ---

function levelText(level: number): string {
  if (level >= 60) return 'FATAL';
  if (level >= 50) return 'ERROR';
  if (level >= 40) return 'WARN ';
  if (level >= 30) return 'INFO ';
  return level >= 20 ? 'DEBUG' : 'TRACE';
}

function valueText(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[^\s"]+$/.test(value);
  return onOneLine(isPlain ? value : JSON.stringify(value));
}

/** Replaces line breaks, and control characters that could move the cursor of a terminal. */
function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' | ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
