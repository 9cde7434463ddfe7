import '../support/data-dialect';
import './scenarios.test';
