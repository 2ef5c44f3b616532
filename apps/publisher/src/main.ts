import { runService } from '#runtime';
import { composePublisher } from './compose.js';

await runService('publisher', (context) => composePublisher(context));
