import { runService } from '#runtime';
import { composeAuth } from './compose.js';

await runService('auth', composeAuth);
