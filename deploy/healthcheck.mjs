// Asks the process in this container whether it is alive: exit 0 or 1. Worker and bridge answer at HEALTH_PORT.
const { HEALTH_PORT, SIMULATOR_PORT } = process.env;
const urls = [
  `http://127.0.0.1:${HEALTH_PORT || 8080}/livez`,
  `http://127.0.0.1:${SIMULATOR_PORT || 8788}/_sim/ledger`,
];

const ask = async (url) => {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!ok) throw new Error(`${url}: ${status}`);
};
// A process that does not run here refuses the connection, which is not an error.
Promise.any(urls.map(ask)).then(
  () => process.exit(0),
  () => process.exit(1),
);
