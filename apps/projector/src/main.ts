import { runService } from '#runtime';
import { composeProjector } from './compose.js';

await runService('projector', (context) => composeProjector(context));
