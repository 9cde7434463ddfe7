const base = require('./jest.config.js');

/**
 * The package as users install it, and the build as the image runs it: empty projects, other compilers, bundlers and test
 * runners. They install packages, which takes minutes, so they are not part of `npm test`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  testMatch: ['<rootDir>/test/package/*.package.ts'],
  maxWorkers: 2,
};
