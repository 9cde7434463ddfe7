// Completes package-lock.json. npm leaves out an optional dependency that the registry in use does not
// offer, such as another platform's binary, and `npm ci` then stops with "Missing: … from lock file".
// Run it after every change of the lock: each one left out gets an entry that tells who needs it.
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
    if (isHeld(folder, name)) continue;
    // An entry stands for one version. A range would need the registry that has just not offered it.
    if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) throw new Error(`${name}: ${version} is a range`);
    packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(dev && { dev }),
      optional: true,
    };
    added.push(`${name}@${version}`);
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(byName));
if (added.length > 0) writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'The lock is complete' : `Added ${added.join(', ')}`);

/** Whether the lock holds a package where `require` in that folder would look for it. */
function isHeld(folder, name) {
  const places = [''];
  for (const part of folder.split(/(?=node_modules\/)/)) places.push(places.at(-1) + part);
  return places.some((place) => {
    const inside = place === '' || place.endsWith('/') ? place : `${place}/`;
    return `${inside}node_modules/${name}` in packages;
  });
}

/** Which machine a package is for, by the names in use: `core-linux-arm64-musl`, `darwin-x64`. */
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

// As npm sorts it.
function byName([a], [b]) {
  return a.localeCompare(b, 'en');
}
