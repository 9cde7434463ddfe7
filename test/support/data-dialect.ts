import { speak } from './rig';

// Imported before the tests of another file, which then run once more in the other documented dialect.
speak('data');
