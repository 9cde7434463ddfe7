/** What is changed, the tests that must notice it, and the least share of changes noticed, in percent. */
const PARTS = {
  call: {
    // Without lists of public words, which test/words.test.ts and the compiler hold.
    mutate: ['src/call/**/*.ts', '!src/call/{flags,api-types}.ts'],
    least: 90,
  },
  truedy: { mutate: ['src/truedy/**/*.ts'], least: 80 },
  // The pure parts: not what listens on a socket, asks Temporal, or is an entry.
  webhook: {
    mutate: [
      'src/webhook/**/*.ts',
      '!src/webhook/{correlate,expect-continue,framework-body,index,server,signal}.ts',
    ],
    least: 80,
  },
};

const part = process.env.MUTANTS_OF ?? 'call';
const { mutate, least } = PARTS[part];

/** Mutation testing of one part, `MUTANTS_OF`. `npm run mutants` runs all of them. */
export default {
  mutate,
  thresholds: { high: least, low: least, break: least },
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  jest: {
    configFile: 'jest.mutants.config.js',
    config: {
      testMatch: [`<rootDir>/test/${part}/**/*.test.ts`],
      // Nearly every test reaches nearly every rule: only the tests that mirror a file are run for it.
      dependencyExtractor: '<rootDir>/scripts/mirrored-imports.cjs',
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // jest keeps some memory of every run.
  maxTestRunnerReuse: 100,
  // swc reads no tsconfig, and TypeScript 7 has no API by which Stryker could rewrite it or check types.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  ignorePatterns: ['/coverage', '/deploy', '/dist', '/docs', '/test/histories'],
  tempDirName: 'coverage/mutants/sandbox',
  cleanTempDir: 'always',
  incrementalFile: `coverage/mutants/${part}-incremental.json`,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  jsonReporter: { fileName: `coverage/mutants/${part}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
