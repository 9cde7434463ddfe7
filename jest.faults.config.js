const base = require('./jest.config.js');

/**
 * The fault rows, with real processes that are killed: one at a time, since each counts what rang.
 * The demo, whose processes must end with it, is one of them.
 * `npm run test:faults -- placement` runs those with `placement` in their path.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  testMatch: ['<rootDir>/test/faults/**/*.faults.ts'],
  maxWorkers: 1,
  // A line for each row: its number, its rule with what the ledger has to count.
  verbose: true,
  testTimeout: 180_000,
};
