import * as fc from 'fast-check';

// Each change must be judged by the same examples, and there are thousands of changes.
fc.configureGlobal({ seed: 1, numRuns: 50 });
