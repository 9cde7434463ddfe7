/** Prints the totals as the last line of a test run, in plain text for logs. */
class PlainReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    // On exit, because jest prints its own summary after all other reporters and then runs the teardown.
    process.once('exit', () => {
      process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped}\n`);
    });
  }
}

module.exports = PlainReporter;
