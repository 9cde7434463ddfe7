const base = require('./jest.config.js');

/**
 * The programs of `examples/python` and `examples/go`, as users run them. They need python3 and go, so they are not part of
 * `npm test`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  testMatch: ['<rootDir>/test/clients/*.clients.ts'],
  maxWorkers: 1,
  verbose: true,
  testTimeout: 60_000,
};
