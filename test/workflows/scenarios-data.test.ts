import { speak } from '../support/rig';

// The same calls once more, in the other of Truedy's documented dialects.
speak('data');
jest.requireActual('./scenarios.test');
