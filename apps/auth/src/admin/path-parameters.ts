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

/** The URN of a schema, or the name of a resource type, in a path. PostgreSQL holds no U+0000 in a text: what has one is nobody's. */
export const wordParameter: PipeTransform<string, string> = {
  transform: (value) => (value.includes('\0') ? '' : value),
};

const CREDENTIAL_ID = /^[0-9A-Za-z]{1,40}$/;

/** The id of a token, client or secret in a path. What cannot be one becomes the empty id, which nobody has. */
export const idParameter: PipeTransform<string, string> = {
  transform: (value) => (CREDENTIAL_ID.test(value) ? value : ''),
};

const LONGEST_RESOURCE_ID = 256;

/** The id of a resource in a path. What cannot be one becomes the empty id, which nobody has. */
export const resourceIdParameter: PipeTransform<string, string> = {
  transform: (value) => (value.length > LONGEST_RESOURCE_ID || value.includes('\0') ? '' : value),
};
