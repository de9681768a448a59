import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';

/** The country of numbers written without one. */
const HOME_COUNTRY = 'US';

/** `(201) 555-0123`, `+1 201 555 0123` and `12015550123` are one number, and so make one cache key. */
export function toE164(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, HOME_COUNTRY);
  return parsed?.isValid() ? parsed.number : null;
}

/** A phone number in any spelling; what comes out is E.164. */
export const phoneNumber = z
  .string()
  .transform((text, context) => {
    const phone = toE164(text);
    if (phone !== null) return phone;
    context.addIssue({ code: 'custom', message: 'is not a phone number' });
    return z.NEVER;
  })
  .meta({ example: '+12015550123' });
