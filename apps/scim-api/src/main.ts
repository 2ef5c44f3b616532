import { runService } from '#runtime';
import { composeScimApi } from './compose.js';

await runService('scim-api', (context) => composeScimApi(context));
