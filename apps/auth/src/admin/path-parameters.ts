import type { PipeTransform } from '@nestjs/common';
import { checkedTenantId, TenancyError } from '#tenancy';

/** A tenant id in a path; one that cannot be any tenant's is answered like an unknown one. */
export const tenantParameter: PipeTransform<string, string> = {
  transform: (value) => {
    try {
      return checkedTenantId(value);
    } catch {
      throw new TenancyError('tenant-not-found', 'There is no such tenant.');
    }
  },
};

const CREDENTIAL_ID = /^[0-9A-Za-z]{1,40}$/;

/** The id of a token, client or secret in a path. What cannot be one becomes the empty id, which nobody has. */
export const idParameter: PipeTransform<string, string> = {
  transform: (value) => (CREDENTIAL_ID.test(value) ? value : ''),
};
