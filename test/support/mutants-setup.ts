import * as fc from 'fast-check';

// Every mutant must be tested with the same examples, and there are thousands of mutants.
fc.configureGlobal({ seed: 1, numRuns: 50 });
