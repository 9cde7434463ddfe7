import '../support/data-dialect';
import './outbound-call.test';
