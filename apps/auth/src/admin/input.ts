import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

export interface InputFault {
  /** Where: a JSON path such as `settings.rateLimit`, or the name of a query parameter. */
  readonly path: string;
  readonly message: string;
}

/** What a client sent is not what the call takes. */
export class InvalidInput extends Error {
  constructor(readonly faults: readonly InputFault[]) {
    super(faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; '));
    this.name = 'InvalidInput';
  }
}

/** Checks a body or query against a closed schema. Throws InvalidInput listing every fault at once. */
export class Checked<Output> implements PipeTransform<unknown, Output> {
  constructor(private readonly schema: z.ZodType<Output>) {}

  transform(value: unknown): Output {
    const checked = this.schema.safeParse(value ?? {});
    if (checked.success) return checked.data;
    throw new InvalidInput(
      checked.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
    );
  }
}
