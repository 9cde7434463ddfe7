const { globalSetup: _, globalTeardown: __, ...base } = require('./jest.config.js');

/**
 * Tests without a Temporal server, for `stryker.config.mjs`, which names the folder.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  testPathIgnorePatterns: [
    '<rootDir>/test/(call/rendered|webhook/(embedded|handler|http-server|server|starved|temporal))\\.test\\.ts$',
  ],
  setupFiles: ['<rootDir>/test/support/mutants-setup.ts'],
  reporters: [],
};
