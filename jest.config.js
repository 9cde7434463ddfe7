const { existsSync } = require('node:fs');

const setup = './test/support/temporal-setup.ts';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Dynamic imports name the file that runs; here that is still TypeScript.
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // As `paths` of tsconfig.json: the examples import the package by its name.
    '^temporal-truedy$': '<rootDir>/src/index.ts',
    '^temporal-truedy/(testing|webhook)$': '<rootDir>/src/$1/index.ts',
    '^temporal-truedy/workflow$': '<rootDir>/src/workflow.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/coverage/'],
  // Most tests wait for a server or a timer: five at a time keep two cores busy.
  maxWorkers: 5,
  testSequencer: './scripts/longest-first.cjs',
  // Longer than `until` waits, so that a condition that does not come to hold is named.
  testTimeout: 60_000,
  reporters: ['default', './scripts/plain-reporter.cjs'],
  ...(existsSync(`${__dirname}/${setup}`) && {
    globalSetup: setup,
    globalTeardown: './test/support/temporal-teardown.ts',
  }),
};
