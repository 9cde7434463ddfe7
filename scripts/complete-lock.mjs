// Completes package-lock.json. npm omits an optional dependency that the configured registry does not have, such as
// another platform's binary, and `npm ci` then fails with "Missing: … from lock file". This script adds an entry for
// each omitted package. Run it after every change of the lock file.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const SYSTEMS =
  /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows)\b/;
const PROCESSORS = /\b(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32|x64)\b/;

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const { packages } = lock;
const added = [];

for (const [folder, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(folder, name)) continue;
    // An entry has one version. Of a range with a caret, the lowest one fits. Resolving any other range would need the
    // registry, which does not have the package.
    const [, lowest] = /^\^?(\d+\.\d+\.\d+[\w.+-]*)$/.exec(version) ?? [];
    if (lowest === undefined) throw new Error(`${name}: ${version} is a range`);
    packages[`node_modules/${name}`] = {
      version: lowest,
      ...platformOf(name),
      ...(dev && { dev }),
      optional: true,
    };
    added.push(`${name}@${lowest}`);
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(byName));
if (added.length > 0) writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'The lock file is complete' : `Added ${added.join(', ')}`);

/** Whether the lock file has the package at a path where `require` in that folder looks for it. */
function isLocked(folder, name) {
  const places = [''];
  for (const part of folder.split(/(?=node_modules\/)/)) places.push(places.at(-1) + part);
  return places.some((place) => {
    const inside = place === '' || place.endsWith('/') ? place : `${place}/`;
    return `${inside}node_modules/${name}` in packages;
  });
}

/** The platform of a package, by its name, such as `core-linux-arm64-musl` or `darwin-x64`. */
function platformOf(name) {
  const os = SYSTEMS.exec(name)?.[1].replace('windows', 'win32');
  const cpu = PROCESSORS.exec(name)?.[1];
  if (cpu === undefined && os === undefined) throw new Error(`${name} names no platform`);
  const libc = /\bmusl\b/.test(name) ? 'musl' : /\b(gnu|glibc)\b/.test(name) ? 'glibc' : undefined;
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(libc && os === 'linux' && { libc: [libc] }),
    ...(os && { os: [os] }),
  };
}

// npm's sort order.
function byName([a], [b]) {
  return a.localeCompare(b, 'en');
}
