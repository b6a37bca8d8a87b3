// The settings of an instance as they are answered: those that all instances have in common, and its own.
import * as v from 'valibot';
import { emptyList, idOf } from '../../shared/base/answer-schema.ts';
import { commonEnvironment } from './environment.ts';

type Constant = boolean | number | string | null | readonly string[] | { readonly [name: string]: Constant };

function isList(value: Constant): value is readonly string[] {
  return Array.isArray(value);
}

function constantEntries(members: { readonly [name: string]: Constant }): v.ObjectEntries {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, constant(value)]));
}

/** The schema of this value and no other. */
function constant(value: Constant): v.GenericSchema {
  if (value === null) return v.null();
  if (isList(value)) return value.length === 0 ? emptyList : v.array(v.picklist(value));
  return typeof value === 'object' ? v.strictObject(constantEntries(value)) : v.literal(value);
}

const { auth_config: authConfig, display_config: displayConfig, ...others } = commonEnvironment;

export const environmentAnswer = v.strictObject({
  auth_config: v.strictObject({
    ...constantEntries(authConfig),
    id: idOf('ins'),
    native_settings: v.strictObject({ ...constantEntries(authConfig.native_settings), api_enabled: v.boolean() }),
  }),
  display_config: v.strictObject({
    ...constantEntries(displayConfig),
    id: idOf('ins'),
    application_name: v.string(),
    logo_image_url: v.string(),
    home_url: v.string(),
    sign_in_url: v.string(),
  }),
  ...constantEntries(others),
});
