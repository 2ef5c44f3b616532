export { specify, type Specification, type Verdict } from './specify.js';
