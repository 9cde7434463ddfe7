// Exits with 0 if the process in this container is alive, else with 1. Worker and bridge answer on HEALTH_PORT.
const { HEALTH_PORT, SIMULATOR_PORT } = process.env;
const urls = [
  `http://127.0.0.1:${HEALTH_PORT || 8080}/livez`,
  `http://127.0.0.1:${SIMULATOR_PORT || 8788}/_sim/ledger`,
];

const ask = async (url) => {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!ok) throw new Error(`${url}: ${status}`);
};
// Only one of the processes runs in this container, so the refused connection of the other is not an error.
Promise.any(urls.map(ask)).then(
  () => process.exit(0),
  () => process.exit(1),
);
