import { speak } from '../support/rig';

// The same tests with the second of Truedy's documented dialects.
speak('data');
jest.requireActual('./outbound-call.test');
