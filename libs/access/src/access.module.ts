import { Module, type DynamicModule } from '@nestjs/common';
import { Authenticator } from './guard/authenticator.js';
import { FailedCredentials } from './guard/failed-credentials.js';
import { JwtVerifier, type PublicKeys } from './guard/jwt-verifier.js';
import { LastUse } from './guard/last-use.js';
import { RateLimits } from './guard/rate-limits.js';
import { TenantGuard } from './guard/tenant.guard.js';
import { TokenDirectory } from './directory/token-directory.js';

export interface AccessOptions {
  readonly publicUrl: string;
  readonly keys: PublicKeys;
  /** With a cache in front of the database. */
  readonly directory: TokenDirectory;
  /** Started and closed by whoever made it. */
  readonly lastUse: LastUse;
}

/** What a resource server needs to let callers in: import it where controllers stand behind TenantGuard. */
@Module({})
export class AccessModule {
  static register({ publicUrl, keys, directory, lastUse }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        TenantGuard,
        { provide: Authenticator, useValue: new Authenticator(directory, new JwtVerifier(publicUrl, keys)) },
        { provide: RateLimits, useValue: new RateLimits() },
        { provide: FailedCredentials, useValue: new FailedCredentials() },
        { provide: LastUse, useValue: lastUse },
        { provide: TokenDirectory, useValue: directory },
      ],
      exports: [TenantGuard, Authenticator, RateLimits, FailedCredentials, LastUse, TokenDirectory],
    };
  }
}
